// What HTML alone cannot do: closing menus, toasts, file dropping, whole-page redirects after an expired session.
(function () {
  "use strict";
  var body = document.body;

  // --- menus: one open at a time, closed by Escape and by a press elsewhere
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details[data-menu]"));
    var dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".toast, .banner").remove();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = document.activeElement && document.activeElement.closest("details[data-menu][open]");
    closeMenus();
    if (menu) menu.querySelector("summary").focus();
  });

  // --- the present tab stays in sight on a phone
  document.querySelectorAll(".strip [aria-current]").forEach(function (link) {
    var strip = link.closest(".strip");
    strip.scrollLeft = link.offsetLeft - strip.clientWidth / 2 + link.clientWidth / 2;
  });

  // --- toasts
  function toast(text) {
    var piece = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    piece.querySelector(".text").textContent = text;
    document.getElementById("toasts").append(piece);
    window.setTimeout(function away() {
      if (piece.matches(":hover, :focus-within")) window.setTimeout(away, 2000);
      else piece.remove();
    }, 7000);
  }
  body.addEventListener("toast", function (event) {
    toast(event.detail.text || event.detail.value || "");
  });

  // --- htmx
  var working = document.getElementById("working");
  var running = 0;
  var timer = 0;
  document.addEventListener("htmx:beforeRequest", function () {
    running += 1;
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { working.classList.toggle("is-on", running > 0); }, 150);
  });
  document.addEventListener("htmx:afterRequest", function () {
    running = Math.max(0, running - 1);
    if (running === 0) {
      window.clearTimeout(timer);
      working.classList.remove("is-on");
    }
  });

  // --- what was touched stays where it is, whatever an answer changes above it
  var held = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    var touched = document.activeElement;
    held = touched.id && event.detail.target.contains(touched) ? { id: touched.id, top: touched.getBoundingClientRect().top } : null;
  });
  document.addEventListener("htmx:afterSwap", function () {
    var touched = held && document.getElementById(held.id);
    if (touched) window.scrollBy(0, touched.getBoundingClientRect().top - held.top);
  });

  function toLogin() {
    location.assign(body.dataset.loginUrl + "?next=" + encodeURIComponent(location.pathname + location.search));
  }
  document.addEventListener("htmx:beforeSwap", function (event) {
    var xhr = event.detail.xhr;
    var ended = body.dataset.loginUrl && xhr.responseURL && new URL(xhr.responseURL).pathname === body.dataset.loginUrl;
    if (xhr.status === 401 || (ended && location.pathname !== body.dataset.loginUrl)) {
      event.detail.shouldSwap = false;
      event.detail.isError = false;
      toLogin();
    }
  });
  document.addEventListener("htmx:responseError", function () { toast(body.dataset.textRefused); });
  document.addEventListener("htmx:sendError", function () { toast(body.dataset.textOffline); });

  // --- file dropping
  function pickedList(area, files) {
    var list = area.querySelector("[data-picked]");
    list.replaceChildren.apply(list, Array.from(files).map(function (file) {
      var item = document.createElement("li");
      var size = document.createElement("span");
      size.className = "figure";
      size.textContent = file.size < 1e6 ? Math.ceil(file.size / 1000) + " kB" : (file.size / 1e6).toFixed(1) + " MB";
      item.append(file.name, size);
      return item;
    }));
  }
  function readyDrops(root) {
    root.querySelectorAll("[data-drop-hint]").forEach(function (hint) { hint.hidden = false; });
  }
  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var area = event.target.closest && event.target.closest("[data-drop]");
      if (!area) return;
      event.preventDefault();
      area.classList.toggle("is-over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      var input = area.querySelector("input[type=file]");
      if (!input.multiple && event.dataTransfer.files.length > 1) {
        var one = new DataTransfer();
        one.items.add(event.dataTransfer.files[0]);
        input.files = one.files;
      } else input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
  document.addEventListener("change", function (event) {
    var area = event.target.closest("[data-drop]");
    if (area && event.target.type === "file") pickedList(area, event.target.files);
  });
  document.addEventListener("htmx:load", function (event) { readyDrops(event.detail.elt); });
  readyDrops(document);

  // --- paper shows what the screen folds away
  var unfolded = [];
  window.addEventListener("beforeprint", function () {
    unfolded = Array.from(document.querySelectorAll("main details:not([open]):not([data-menu])"));
    unfolded.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    unfolded.forEach(function (part) { part.open = false; });
  });
})();
