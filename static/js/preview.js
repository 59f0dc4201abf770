/* A page or a mail beside its form, as typed now. Without this script the form works as ever and there is no preview.
   Each time a new frame takes the post and then the place of the old one: so the browser's Back button stays right. */
(function () {
  "use strict";
  var panel = document.getElementById("page-preview");
  var opener = document.getElementById("page-preview-open");
  var form = panel && document.getElementById(panel.dataset.form || "landingpage_form");
  if (!panel || !opener || !form) return;
  var stage = panel.querySelector("[data-stage]");
  var findings = panel.querySelector("[data-findings]");
  var width = 390, theme = "", shown = "", seen = "", count = 0, KEY = panel.dataset.kept || "page-preview";

  function entries() {
    var pairs = Array.from(new FormData(form)).filter(function (pair) { return typeof pair[1] === "string"; });
    return theme ? pairs.concat([["preview_theme", theme]]) : pairs;
  }
  function fit() {
    var frame = stage.querySelector("iframe.now") || stage.querySelector("iframe");
    if (!frame) return;
    var scale = Math.min(stage.clientWidth / width, 1);
    Array.from(stage.querySelectorAll("iframe")).forEach(function (one) {
      one.style.width = width + "px";
      one.style.height = stage.clientHeight / scale + "px";
      one.style.transform = "scale(" + scale + ")";
    });
  }
  function show(pairs) {
    var frame = document.createElement("iframe");
    frame.name = "page-preview-" + (count += 1);
    frame.title = stage.dataset.title;
    frame.setAttribute("sandbox", "");
    stage.append(frame);
    fit();
    var post = document.createElement("form");
    post.method = "post";
    post.action = panel.dataset.preview;
    post.target = frame.name;
    post.hidden = true;
    pairs.forEach(function (pair) {
      var input = document.createElement("input");
      input.type = "hidden"; input.name = pair[0]; input.value = pair[1];
      post.append(input);
    });
    document.body.append(post);
    frame.addEventListener("load", function () {
      Array.from(stage.querySelectorAll("iframe")).forEach(function (old) { if (old !== frame) old.remove(); });
      frame.className = "now";
    });
    HTMLFormElement.prototype.submit.call(post);
    post.remove();
  }
  function check(pairs) {
    fetch(panel.dataset.check, { method: "POST", body: new URLSearchParams(pairs), credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (html) { if (html) findings.innerHTML = html; })
      .catch(function () {});
  }
  /* What is dragged, added or chosen from a list raises no common event, so the form is looked at twice a second. */
  function look() {
    if (panel.hidden) return;
    var pairs = entries(), now = JSON.stringify(pairs);
    var settled = now === seen;
    seen = now;
    if (!settled || now === shown) return;
    shown = now;
    show(pairs);
    check(pairs);
  }
  function remember(how) {
    try { localStorage.setItem(KEY, how); } catch (_) { /* no storage: opened anew each time */ }
  }
  function toggle(open) {
    panel.hidden = !open;
    opener.hidden = open;
    document.body.classList.toggle("with-preview", open);
    if (open) { shown = ""; look(); fit(); }
  }
  panel.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    if ("close" in button.dataset) { toggle(false); remember("closed"); opener.focus(); return; }
    if (!button.dataset.width && !button.dataset.theme) return;
    Array.from(button.parentElement.querySelectorAll("button")).forEach(function (one) {
      one.setAttribute("aria-pressed", String(one === button));
    });
    if (button.dataset.theme) { theme = button.dataset.theme; return; }
    width = Number(button.dataset.width);
    panel.classList.toggle("wide", width > 400);
    fit();
  });
  opener.addEventListener("click", function () { toggle(true); remember("open"); panel.querySelector("button").focus(); });
  window.addEventListener("resize", fit);
  setInterval(look, 500);
  var kept = null;
  try { kept = localStorage.getItem(KEY); } catch (_) { /* as above */ }
  toggle(window.innerWidth >= 1100 && (kept ? kept === "open" : window.innerWidth >= 1400));
})();
