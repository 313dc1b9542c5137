// Charts are drawn by the server (core/pages/drawing.py). Plotly, thirty times as large as all other scripts, is fetched when somebody
// points at a chart, taps or focuses it; it lies over the drawing then, from the same figure, at the same size. Colours are named by
// tone in the figure and taken from the style sheet here, so both themes hold.
(function () {
  "use strict";
  // On load the bundle adds its maps' style sheet, which the page's security policy forbids and no chart here needs; it leaves it
  // out where an element with this id stands already. tests/core/pages/test_assets.py notices when another version names it otherwise.
  var MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
  // The width below which static/css/instruments.css leaves out ticks.
  var NARROW = 560;
  // Whoever only passes over a chart asks for nothing.
  var DWELL = 120;
  var loading = null;
  var dwelling = 0;
  var aim = null;
  var live = new Map();

  function plotly(source) {
    loading = loading || new Promise(function (resolve, reject) {
      var stand = document.createElement("template");
      stand.id = MAP_STYLE;
      document.head.append(stand);
      var script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
      script.onerror = function () {
        loading = null;
        script.remove();
        reject();
      };
      document.head.append(script);
    });
    return loading;
  }

  function palette() {
    var style = getComputedStyle(document.body);
    var colours = { font: { family: style.fontFamily, size: parseFloat(style.fontSize) } };
    ["ink", "muted", "rule", "control", "accent", "ok", "yellow", "red", "none", "bg", "surface"].forEach(function (name) {
      colours[name] = style.getPropertyValue("--" + name).trim();
    });
    return colours;
  }

  function paint(figure) {
    var colours = palette();
    var layout = figure.layout;
    var label = { bgcolor: colours.surface, bordercolor: colours.control, font: Object.assign({ color: colours.ink }, colours.font) };
    figure.data.forEach(function (trace) {
      trace.line.color = trace.marker.color = colours[trace.meta.tone];
    });
    layout.shapes.forEach(function (shape) {
      shape.line.color = shape.fillcolor = colours[shape.name];
    });
    layout.annotations.forEach(function (note) {
      note.font = { color: colours[note.name] };
      note.hoverlabel = label;
    });
    layout.font = Object.assign({ color: colours.muted }, colours.font);
    layout.paper_bgcolor = layout.plot_bgcolor = colours.bg;
    layout.hoverlabel = label;
    [layout.xaxis, layout.yaxis].forEach(function (axis) {
      Object.assign(axis, { gridcolor: colours.rule, linecolor: colours.control, tickcolor: colours.control, spikecolor: colours.muted });
    });
    return figure;
  }

  function dayWidth(layout) {
    var ends = layout.xaxis.range.map(function (day) { return Date.parse(day); });
    return (layout.width - layout.margin.l - layout.margin.r) * 864e5 / (ends[1] - ends[0]);
  }

  function render(canvas) {
    var figure = paint(JSON.parse(document.getElementById(canvas.dataset.chart).textContent));
    figure.layout.width = canvas.clientWidth;
    if (canvas.clientWidth < NARROW) Object.assign(figure.layout.xaxis, figure.layout.meta.narrow);
    // A day without a value shows none, not that of the day beside it.
    figure.layout.hoverdistance = Math.max(1, Math.floor(dayWidth(figure.layout) / 2));
    return window.Plotly.react(live.get(canvas), figure.data, figure.layout, { displayModeBar: false, doubleClick: false });
  }

  var sizes = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      if (live.has(entry.target) && live.get(entry.target).offsetWidth !== entry.target.clientWidth) render(entry.target);
    });
  });

  function take(canvas) {
    if (live.has(canvas)) return;
    var place = document.createElement("div");
    place.className = "live";
    live.set(canvas, place);
    plotly(canvas.dataset.plotly).then(function () {
      return render(canvas);
    }).then(function () {
      canvas.append(place);
      canvas.classList.add("is-live");
      sizes.observe(canvas);
      // What stands where somebody points already is told at once.
      if (aim !== null) tell(canvas, aim - canvas.getBoundingClientRect().left - place.layout.margin.l);
    }).catch(function () {
      // The drawing stays; the next touch tries again.
      live.delete(canvas);
    });
  }

  function tell(canvas, along) {
    window.Plotly.Fx.hover(live.get(canvas), { xpx: along, ypx: 0 });
  }

  function canvasOf(event) {
    return event.target.closest && event.target.closest("[data-chart]");
  }

  document.addEventListener("pointerover", function (event) {
    var canvas = canvasOf(event);
    window.clearTimeout(dwelling);
    if (canvas && event.pointerType !== "touch") dwelling = window.setTimeout(take, DWELL, canvas);
  });
  ["pointerover", "pointerdown"].forEach(function (kind) {
    document.addEventListener(kind, function (event) { aim = event.clientX; });
  });
  document.addEventListener("focusin", function (event) {
    if (!canvasOf(event)) return;
    if (event.target.matches(":focus-visible")) aim = null;
    take(canvasOf(event));
  });

  // --- arrow keys go from day to day, as a pointer does
  function step(canvas, by) {
    var chart = live.get(canvas);
    var days = Array.from(new Set(chart.data.flatMap(function (trace) { return trace.x; }))).sort();
    var at = canvas.dataset.day ? days.indexOf(canvas.dataset.day) + by : days.length - 1;
    canvas.dataset.day = days[Math.max(0, Math.min(days.length - 1, at))];
    var passed = (Date.parse(canvas.dataset.day) - Date.parse(chart.layout.xaxis.range[0])) / 864e5;
    tell(canvas, passed * dayWidth(chart.layout));
  }
  document.addEventListener("keydown", function (event) {
    var canvas = event.target.matches("[data-chart].is-live") && event.target;
    if (!canvas || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    step(canvas, event.key === "ArrowLeft" ? -1 : 1);
  });

  document.addEventListener("themechange", function () {
    live.forEach(function (place, canvas) {
      if (canvas.isConnected) render(canvas);
      else live.delete(canvas);
    });
  });
})();
