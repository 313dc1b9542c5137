// Ticks every <time data-due> by the server's clock (DM-27): the page carries the server's second, and each answer to an htmx
// request corrects it by its Date header, so a visitor's wrong clock changes nothing.
(function () {
  "use strict";
  var body = document.body.dataset;
  var offset = 0;
  var last = new WeakMap();

  function sync(serverMs, clientMs) {
    offset = serverMs - clientMs;
  }

  function atLoad() {
    var second = Number(document.documentElement.dataset.serverNow);
    if (!second) return;
    var entry = performance.getEntriesByType("navigation")[0];
    var arrived = entry && entry.responseStart ? performance.timeOrigin + entry.responseStart : Date.now();
    sync(second * 1000, arrived);
  }

  function two(n) {
    return n < 10 ? "0" + n : String(n);
  }

  // The same face as core.pages.formats.clock, with days set apart from two on: 61:12:07 is easier to feel than 2 d 13:12:07.
  function face(seconds) {
    var days = seconds >= 4 * 86400 ? Math.floor(seconds / 86400) : 0;
    var rest = seconds - days * 86400;
    var clock = two(Math.floor(rest / 3600)) + ":" + two(Math.floor((rest % 3600) / 60)) + ":" + two(rest % 60);
    return days ? body.textDays.replace("{days}", days).replace("{clock}", clock) : clock;
  }

  function draw(element, now) {
    var left = Number(element.dataset.due) - now;
    var text = left >= 0 ? face(left) : body.textOverdue.replace("{span}", face(-left));
    if (last.get(element) === text) return;
    last.set(element, text);
    element.textContent = text;
    if ("calm" in element.dataset) return;
    element.classList.toggle("is-overdue", left < 0);
    element.classList.toggle("is-soon", left >= 0 && left < Number(element.dataset.soon));
  }

  function tick() {
    var now = Math.floor((Date.now() + offset) / 1000);
    document.querySelectorAll("time[data-due]").forEach(function (element) {
      draw(element, now);
    });
  }

  function loop() {
    tick();
    window.setTimeout(loop, 1000 - ((Date.now() + offset) % 1000) + 5);
  }

  document.addEventListener("htmx:afterRequest", function (event) {
    var date = event.detail.xhr && event.detail.xhr.getResponseHeader("Date");
    // A Date header has whole seconds: correct only what is clearly off.
    if (date && Math.abs(Date.parse(date) - Date.now() - offset) > 2000) sync(Date.parse(date), Date.now());
    tick();
  });
  document.addEventListener("htmx:afterSettle", tick);
  document.addEventListener("visibilitychange", tick);
  atLoad();
  loop();
})();
