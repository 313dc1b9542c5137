// Draws charts from the JSON that the server made (stores.figures): loads the large plotly bundle only where a chart is, after the
// page is readable. Colours are named by tone in the JSON and taken from the style sheet here, so both themes hold.
(function () {
  "use strict";
  var LOCALE = {
    moduleType: "locale", name: "zh-CN", dictionary: {},
    format: {
      days: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
      shortDays: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
      months: ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
      shortMonths: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
      date: "%Y-%m-%d"
    }
  };
  // On load the bundle adds its maps' style sheet, which the page's security policy forbids and no chart here needs; it leaves it
  // out where an element with this id stands already. tests/ui/test_assets.py notices when another version names it otherwise.
  var MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
  var loading = null;
  var drawn = new Set();

  function plotly(source) {
    loading = loading || new Promise(function (resolve, reject) {
      var stand = document.createElement("template");
      stand.id = MAP_STYLE;
      document.head.append(stand);
      var script = document.createElement("script");
      script.src = source;
      script.onload = function () {
        window.Plotly.register(LOCALE);
        resolve(window.Plotly);
      };
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  }

  function figureOf(canvas) {
    if (canvas.dataset.chartUrl) {
      return fetch(canvas.dataset.chartUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      });
    }
    return Promise.resolve(JSON.parse(document.getElementById(canvas.dataset.chart).textContent));
  }

  function palette() {
    var style = getComputedStyle(document.documentElement);
    var read = function (name) { return style.getPropertyValue("--" + name).trim(); };
    var colours = {};
    ["ink", "muted", "rule", "control", "accent", "ok", "yellow", "red", "none", "bg", "surface"].forEach(function (name) { colours[name] = read(name); });
    colours.font = getComputedStyle(document.body).fontFamily;
    return colours;
  }

  function paintTrace(trace, colours) {
    var colour = colours[(trace.meta && trace.meta.tone) || "accent"];
    trace.line = Object.assign({}, trace.line, { color: colour });
    trace.marker = Object.assign({}, trace.marker, { color: colour });
    trace.textfont = Object.assign({}, trace.textfont, { color: colour });
    if (trace.type === "waterfall") {
      trace.increasing = { marker: { color: colours.ok } };
      trace.decreasing = { marker: { color: colours.red } };
      trace.totals = { marker: { color: colours.muted } };
      trace.connector = { line: { color: colours.rule } };
    }
  }

  function paint(figure) {
    var colours = palette();
    var layout = figure.layout = figure.layout || {};
    figure.data.forEach(function (trace) { paintTrace(trace, colours); });
    (layout.shapes || []).forEach(function (shape) { 
      shape.line = Object.assign({}, shape.line, { color: colours[shape.name] || colours.control });
      if (shape.type === "rect") shape.fillcolor = colours[shape.name] || colours.control;
    });
    (layout.annotations || []).forEach(function (note) { 
      note.font = Object.assign({}, note.font, { color: colours[note.name] || colours.muted });
      note.hoverlabel = { bgcolor: colours.surface, bordercolor: colours.control, font: { color: colours.ink, family: colours.font, size: 14 } };
    });
    layout.font = Object.assign({ size: 14 }, layout.font, { color: colours.muted, family: colours.font });
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.hoverlabel = { bgcolor: colours.surface, bordercolor: colours.control, font: { color: colours.ink, family: colours.font, size: 14 } };
    Object.keys(layout).filter(function (key) { return /^[xy]axis\d*$/.test(key); }).forEach(function (key) {
      Object.assign(layout[key], { gridcolor: colours.rule, linecolor: colours.control, tickcolor: colours.control, zerolinecolor: colours.rule });
    });
    return figure;
  }

  // A narrow screen leaves fewer dates and less room beside the plot.
  function fit(figure, width) {
    var layout = figure.layout;
    var narrow = width < 560;
    if (!narrow) return figure;
    layout.margin = Object.assign({}, layout.margin, { l: 40, r: 106 });
    if (layout.xaxis) Object.assign(layout.xaxis, { nticks: 4, tickangle: 0 });
    return figure;
  }

  function draw(canvas) {
    return Promise.all([plotly(canvas.dataset.plotly), figureOf(canvas)]).then(function (both) {
      canvas._figure = both[1];
      return render(canvas, both[0]);
    }).then(function () {
      var waiting = canvas.querySelector(".waiting");
      if (waiting) waiting.remove();
      drawn.add(canvas);
    }).catch(function () {
      var waiting = canvas.querySelector(".waiting");
      if (waiting) waiting.textContent = canvas.dataset.failed;
    });
  }

  function render(canvas, Plotly) {
    var figure = fit(paint(structuredClone(canvas._figure)), canvas.clientWidth);
    figure.layout.height = canvas.clientHeight;
    return Plotly.react(canvas, figure.data, figure.layout, {
      responsive: true, displayModeBar: false, locale: canvas.dataset.lang === "zh-hans" ? "zh-CN" : "en", scrollZoom: false, doubleClick: "reset"
    });
  }

  function start(root) {
    var found = Array.from(root.querySelectorAll("[data-chart], [data-chart-url]")).filter(function (canvas) { return !canvas.dataset.begun; });
    found.forEach(function (canvas) {
      canvas.dataset.begun = "yes";
      (window.requestIdleCallback || window.setTimeout)(function () { draw(canvas); });
    });
  }

  function redraw() {
    drawn.forEach(function (canvas) {
      if (!canvas.isConnected) drawn.delete(canvas);
      else render(canvas, window.Plotly);
    });
  }

  document.addEventListener("themechange", redraw);
  // Paper is white whatever the screen is.
  var root = document.documentElement;
  var screenTheme;
  window.addEventListener("beforeprint", function () {
    screenTheme = root.dataset.theme;
    root.dataset.theme = "light";
    redraw();
  });
  window.addEventListener("afterprint", function () {
    if (screenTheme) root.dataset.theme = screenTheme;
    else delete root.dataset.theme;
    redraw();
  });
  document.addEventListener("htmx:load", function (event) { start(event.detail.elt.parentElement || document); });
  if (document.readyState === "complete") start(document);
  else window.addEventListener("load", function () { start(document); });
})();
