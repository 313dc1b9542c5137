// Uploads evidence file by file (components/file_upload.html): progress, another try, dropping, pasting, the phone's camera.
// The server answers each file with its row (evidence/uploads.py); what is known before sending is refused here.
(function () {
  "use strict";
  var MEGA = 1048576;

  function text(panel, name, values) {
    return Object.keys(values || {}).reduce(function (said, key) {
      return said.replace("{" + key + "}", values[key]);
    }, panel.dataset["text" + name] || "");
  }

  // As evidence.presenters.size_words: rounded up, so that what is above the limit reads so.
  function sizeWords(size) {
    return size < MEGA ? Math.ceil(size / 1024) + " KB" : (Math.ceil(size * 10 / MEGA) / 10).toFixed(1) + " MB";
  }

  function Uploads(panel) {
    this.panel = panel;
    this.list = panel.querySelector("[data-upload-list]");
    this.said = panel.querySelector("[data-upload-said]");
    this.waiting = [];
    this.running = null;
  }

  Uploads.prototype.isFull = function () {
    return Number(document.getElementById("file-slots").dataset.free) < 1;
  };

  Uploads.prototype.add = function (files) {
    Array.from(files).forEach(function (file) {
      if (file.size <= Number(this.panel.dataset.maxBytes)) this.enqueue(file);
      else this.showRefused(this.list.appendChild(this.refused("too-large", file)));
    }, this);
    this.next();
  };

  Uploads.prototype.refused = function (why, file) {
    var row = this.panel.querySelector("[data-upload-" + why + "]").content.firstElementChild.cloneNode(true);
    row.querySelector(".name").textContent = file.name + " · " + sizeWords(file.size);
    return row;
  };

  // A file that is refused takes no slot, so only once its turn has come is there none left for a file.
  Uploads.prototype.refuseWaiting = function () {
    this.waiting.splice(0).forEach(function (job) {
      var row = this.refused("no-slot", job.file);
      job.row.replaceWith(row);
      this.showRefused(row);
    }, this);
  };

  Uploads.prototype.enqueue = function (file) {
    var row = this.panel.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
    row.querySelector(".pic").textContent = /pdf$/i.test(file.type || file.name) ? "PDF" : "JPG";
    row.querySelector(".name").textContent = file.name;
    row.querySelector(".meta").textContent = sizeWords(file.size);
    row.querySelector("progress").setAttribute("aria-label", file.name);
    row.querySelector(".state").textContent = text(this.panel, "Waiting");
    this.list.append(row);
    var job = { file: file, row: row, request: null };
    row.querySelector("[data-upload-cancel]").addEventListener("click", this.cancel.bind(this, job));
    row.querySelector("[data-upload-retry]").addEventListener("click", this.retry.bind(this, job));
    this.waiting.push(job);
  };

  // One after the other: the server's answer says how many slots are left.
  Uploads.prototype.next = function () {
    if (this.running) return;
    if (this.isFull()) this.refuseWaiting();
    if (!this.waiting.length) return;
    var job = this.running = this.waiting.shift();
    var form = new FormData();
    var request = job.request = new XMLHttpRequest();
    form.append("csrfmiddlewaretoken", this.panel.querySelector("[name=csrfmiddlewaretoken]").value);
    form.append("files", job.file, job.file.name);
    request.open("POST", this.panel.dataset.url);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Current-URL", location.href);
    request.upload.addEventListener("progress", this.progress.bind(this, job));
    request.addEventListener("load", this.answered.bind(this, job));
    request.addEventListener("error", this.fail.bind(this, job, "Offline"));
    request.timeout = 120000;
    request.addEventListener("timeout", this.fail.bind(this, job, "Busy"));
    request.send(form);
  };

  Uploads.prototype.progress = function (job, event) {
    var percent = event.total ? Math.floor(event.loaded * 100 / event.total) : 0;
    job.row.querySelector("progress").value = percent;
    job.row.querySelector(".state").textContent =
      percent < 100 ? text(this.panel, "Uploading", { percent: percent + " %" }) : text(this.panel, "Checking");
  };

  Uploads.prototype.answered = function (job) {
    var request = job.request;
    var elsewhere = request.getResponseHeader("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    else if ((request.status === 200 || request.status === 422) && /^\s*<li/.test(request.responseText)) this.swap(job);
    else if (request.status === 507) this.fail(job, "Full");
    else if (request.status >= 500 || request.status === 429) this.fail(job, "Busy");
    else this.fail(job, "Changed");
  };

  Uploads.prototype.swap = function (job) {
    var place = Array.from(this.list.children).indexOf(job.row);
    this.running = null;
    window.htmx.swap(job.row, job.request.responseText, { swapStyle: "outerHTML" });
    var row = this.list.children[place];
    if (row && "uploadRefused" in row.dataset) this.showRefused(row);
    else this.said.textContent = text(this.panel, "Uploaded", { name: job.file.name });
    this.next();
  };

  Uploads.prototype.fail = function (job, why) {
    if (this.running === job) this.running = null;
    var said = text(this.panel, "Failed") + " " + text(this.panel, why);
    job.row.querySelector(".meta").textContent = said;
    job.row.querySelector(".state").textContent = "";
    this.offer(job, true);
    this.said.textContent = job.file.name + ": " + said;
    this.next();
  };

  Uploads.prototype.offer = function (job, isOver) {
    job.row.classList.toggle("is-refused", isOver);
    job.row.classList.toggle("tone-red", isOver);
    job.row.querySelector(".moving").hidden = isOver;
    job.row.querySelector("[data-upload-again]").hidden = !isOver;
  };

  Uploads.prototype.retry = function (job) {
    this.offer(job, false);
    job.row.querySelector("progress").value = 0;
    job.row.querySelector(".meta").textContent = sizeWords(job.file.size);
    job.row.querySelector(".state").textContent = text(this.panel, "Waiting");
    this.waiting.push(job);
    this.next();
  };

  Uploads.prototype.cancel = function (job) {
    this.waiting = this.waiting.filter(function (one) { return one !== job; });
    if (this.running === job) {
      job.request.abort();
      this.running = null;
    }
    job.row.remove();
    this.panel.querySelector("#evidence-files").focus();
    this.next();
  };

  // A refused file takes the focus, unless somebody is typing elsewhere.
  Uploads.prototype.showRefused = function (row) {
    var busy = document.activeElement;
    this.said.textContent = row.querySelector(".name").textContent + ": " + row.querySelector(".meta").textContent;
    if (!busy || busy === document.body || this.panel.contains(busy)) row.focus();
  };

  // Screens are copied as PNG, which is not taken: they become JPEG here.
  function asJpeg(panel, file) {
    if (!/^image\//.test(file.type) || file.type === "image/jpeg") return Promise.resolve(file);
    return createImageBitmap(file).then(function (picture) {
      var canvas = document.createElement("canvas");
      canvas.width = picture.width;
      canvas.height = picture.height;
      var pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0);
      return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.92); });
    }).then(function (picture) {
      var time = new Date().toTimeString().slice(0, 8).replace(/:/g, "-");
      return new File([picture], text(panel, "Pasted", { time: time }), { type: "image/jpeg" });
    }, function () { return file; });
  }

  function paste(uploads, event) {
    var files = event.clipboardData ? Array.from(event.clipboardData.files) : [];
    if (!files.length) return;
    event.preventDefault();
    Promise.all(files.map(asJpeg.bind(null, uploads.panel))).then(uploads.add.bind(uploads));
  }

  function dragged(uploads, event) {
    var area = uploads.panel.querySelector("[data-upload-drop]");
    if (!area.contains(event.target)) return;
    event.preventDefault();
    area.classList.toggle("is-over", event.type === "dragover");
    if (event.type === "drop") uploads.add(event.dataTransfer.files);
  }

  function ready(panel) {
    var uploads = new Uploads(panel);
    var field = panel.querySelector("#evidence-files");
    var camera = panel.querySelector("#evidence-camera");
    panel.querySelectorAll("[data-upload-ready]").forEach(function (part) { part.hidden = false; });
    panel.querySelector("[data-upload-submit]").hidden = true;
    panel.querySelector("[data-upload-plain]").classList.add("visually-hidden");
    camera.disabled = false;
    [field, camera].forEach(function (input) {
      input.addEventListener("change", function () {
        uploads.add(input.files);
        input.value = "";
      });
    });
    panel.addEventListener("click", function (event) {
      var dismiss = event.target.closest("[data-upload-dismiss]");
      if (!dismiss) return;
      dismiss.closest("li").remove();
      field.focus();
    });
    ["dragover", "dragleave", "drop"].forEach(function (kind) {
      panel.addEventListener(kind, dragged.bind(null, uploads));
    });
    document.addEventListener("paste", paste.bind(null, uploads));
    window.addEventListener("beforeunload", function (event) {
      if (uploads.running || uploads.waiting.length) event.preventDefault();
    });
    var refused = panel.querySelector("[data-upload-refused]");
    if (refused) refused.focus();
  }

  document.querySelectorAll("[data-upload]").forEach(ready);
})();
