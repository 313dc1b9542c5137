// Subscribes this browser to push messages. A browser that has no push gets a sentence that says so instead of the button.
(function () {
  "use strict";
  var form = document.querySelector("[data-push-key]");
  if (!form) return;
  var supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  document.querySelector("[data-push-without]").hidden = supported;
  form.hidden = !supported;
  if (!supported) return;
  function say(text) { document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: text, level: "red" } })); }
  function keyBytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/") + "====".slice(text.length % 4 || 4));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }
  function named(subscription) {
    return crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint)).then(function (hash) {
      return Array.from(new Uint8Array(hash), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    });
  }
  var worker = navigator.serviceWorker.register(form.dataset.worker);
  // The row of this browser says so, and a second subscription is not offered.
  worker.then(function (registration) { return registration.pushManager.getSubscription(); }).then(function (subscription) {
    return subscription && named(subscription).then(function (key) {
      var row = document.querySelector('[data-browser="' + key + '"] [data-this-browser]');
      if (row) { row.hidden = false; form.querySelector("button").disabled = true; }
    });
  }).catch(function () { /* The form says what is wrong when it is used. */ });
  form.addEventListener("submit", function (event) {
    var field = form.elements.subscription;
    if (field.value) return;
    event.preventDefault();
    Notification.requestPermission().then(function (answer) {
      if (answer !== "granted") { say(form.dataset.denied); return null; }
      return worker.then(function () { return navigator.serviceWorker.ready; }).then(function (registration) {
        // One that was made with another key of the installation is of no use.
        return registration.pushManager.getSubscription().then(function (old) { return old && old.unsubscribe(); }).then(function () {
          return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes(form.dataset.pushKey) });
        });
      }).then(function (subscription) {
        field.value = JSON.stringify(subscription.toJSON());
        form.submit();
      });
    }).catch(function () { say(form.dataset.failed); });
  });
})();
