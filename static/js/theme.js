// Light or dark by the visitor's own choice, kept in a cookie so that the server renders it from the first byte.
// Loaded before the style is applied; without it, or without a choice, the system's preference holds.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = document.cookie.match(/(?:^|;\s*)theme=(light|dark)/);
  if (chosen) root.dataset.theme = chosen[1];

  var systemDark = window.matchMedia("(prefers-color-scheme: dark)");

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches;
  }

  function show() {
    document.querySelectorAll("[data-theme-toggle]").forEach(function (button) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(isDark()));
    });
  }

  function changed() {
    show();
    document.dispatchEvent(new CustomEvent("themechange"));
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-toggle]")) return;
    root.dataset.theme = isDark() ? "light" : "dark";
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = "theme=" + root.dataset.theme + "; Path=/; Max-Age=31536000; SameSite=Lax" + secure;
    changed();
  });
  systemDark.addEventListener("change", changed);
  document.addEventListener("DOMContentLoaded", show);
})();
