// The editor of policy versions: what saves itself stops once somebody else has saved.
(function () {
  "use strict";
  var form = document.querySelector("[data-autosave]");
  if (!form) return;
  var overtaken = false;
  form.addEventListener("htmx:beforeRequest", function (event) {
    if (overtaken && event.target === form) event.preventDefault();
  });
  form.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status !== 409) return;
    overtaken = true;
    document.getElementById("overtaken").hidden = false;
  });
})();
