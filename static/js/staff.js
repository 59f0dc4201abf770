/* Staff pages: theme, keys, toasts. Every page works without this file.
   A key is bound where it is shown: <a data-key="c">, <button data-key="1">. */
(function () {
  "use strict";
  var root = document.documentElement;

  /* theme: kept in a cookie, so that the server draws the right one and nothing flashes */
  function dark() {
    var theme = root.dataset.bsTheme;
    return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  }
  document.querySelectorAll("[data-theme-toggle]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset.bsTheme = dark() ? "light" : "dark";
      document.cookie = "theme=" + root.dataset.bsTheme + ";path=/;max-age=31536000;samesite=lax";
    });
  });

  document.querySelectorAll("[data-keys-toggle]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset.keys = root.dataset.keys === "off" ? "on" : "off";
      document.cookie = "keys=" + root.dataset.keys + ";path=/;max-age=31536000;samesite=lax";
    });
  });

  function typing(target) {
    return target.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  }
  /* what lies in a closed sheet still has boxes, so ask for visibility, not for boxes */
  function visible(element) { return element.checkVisibility() && element.getClientRects().length > 0; }
  /* the next of several choices: an answer of the BANT card, or a day */
  function cycle(element) {
    if (element.matches("select")) {
      element.selectedIndex = (element.selectedIndex + 1) % element.options.length;
      element.dispatchEvent(new Event("change", { bubbles: true }));
      home(element);
      return;
    }
    var choices = Array.prototype.slice.call(element.querySelectorAll("input[type=radio]"));
    var next = choices[(choices.findIndex(function (one) { return one.checked; }) + 1) % choices.length];
    next.checked = true;
    next.focus({ preventScroll: true });
    next.dispatchEvent(new Event("change", { bubbles: true }));
  }
  /* the form that a field belongs to keeps the keys when the field lets go of them */
  function home(element) {
    var place = element.closest("[data-keys-home]");
    if (place) { place.focus({ preventScroll: true }); }
  }
  /* a place of keys holds one form; a field may stand outside of its own */
  function formOf(target) { return target.form || (target.matches("[data-keys-home]") && target.querySelector("form")); }
  function press(element) {
    if (element.matches("[role=radiogroup], select[data-cycle]")) { cycle(element); return; }
    if (element.matches("summary")) {
      element.click();
      var fields = element.parentElement.querySelectorAll("textarea, select, input:not([type=hidden])");
      (Array.prototype.filter.call(fields, visible)[0] || element).focus();
      return;
    }
    if (element.matches("input, textarea, select")) { element.focus(); return; }
    element.click();
  }
  /* the sheet that is open owns the keys; then what has the focus; then the page. On a list of people a key means
     the one that has the focus, or the one that stands opened, and never a neighbour */
  function bound(key) {
    var selector = '[data-key="' + CSS.escape(key) + '"]';
    var sheet = document.querySelector("details.drop[open] > .sheet");
    var active = document.activeElement;
    var owner = active && active.closest("[data-owns]") || document.querySelector("[data-owns]");
    var here = active && active.closest("[data-owns], form, .panel");
    var found = null;
    [sheet, here, document].some(function (scope) {
      found = scope && Array.prototype.filter.call(scope.querySelectorAll(selector), function (one) {
        var owned = one.closest("[data-owns]");
        return visible(one) && (!owned || owned === owner);
      })[0];
      return found;
    });
    return found;
  }
  function rows() { return Array.prototype.filter.call(document.querySelectorAll("[data-row]"), visible); }
  function step(by) {
    var list = rows(), at = list.indexOf(document.activeElement);
    var next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }
  function closeSheets() {
    document.querySelectorAll("details.drop[open]").forEach(function (box) {
      box.open = false;
      box.querySelector("summary").focus();
    });
  }

  document.addEventListener("keydown", function (event) {
    var key = event.key, field = typing(event.target);
    if ((event.ctrlKey || event.metaKey) && key === "Enter" && formOf(event.target)) {
      event.preventDefault(); formOf(event.target).requestSubmit(); return;
    }
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") {
      event.preventDefault(); document.querySelector("[data-search]").focus(); return;
    }
    if (key === "Escape") {
      if (field) { event.target.blur(); home(event.target); }
      closeSheets();
      return;
    }
    if (field || event.ctrlKey || event.metaKey || event.altKey || root.dataset.keys === "off") { return; }
    if ((key === "j" || key === "k") && rows().length) {
      event.preventDefault(); step(key === "j" ? 1 : -1); return;
    }
    if (key === "o" && document.activeElement.matches("[data-row]")) { document.activeElement.click(); return; }
    var element = bound(key);
    if (element) { event.preventDefault(); press(element); }
  });

  /* A part of the page is new: whoever works by keys goes on where they were. A sheet takes the focus; an answer that
     was refused leads to what is wrong; else the row in the same place, or the name at the top of the page. */
  var row = -1;
  document.addEventListener("htmx:beforeRequest", function (event) {
    var task = event.target.closest(".task");
    row = task ? rows().indexOf(task.querySelector("[data-row]")) : -1;
  });
  document.addEventListener("htmx:load", function (event) {
    var part = event.detail.elt;
    if (part.matches("details.drop[open]")) { part.querySelector("button").focus(); }
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    var part = event.detail.target, active = document.activeElement;
    if (!/^(today|person)$/.test(part.id) || (active && active !== document.body)) { return; }
    var wrong = part.querySelector("[aria-invalid=true], [role=alert]");
    var place = wrong || (part.id === "today" && rows()[Math.max(row, 0)]) || part.querySelector("h1");
    if (!place) { return; }
    if (wrong && !wrong.matches("input, textarea, select")) { place.tabIndex = -1; }
    place.focus({ preventScroll: !wrong });
  });
  /* "#call" in the address: the form is where the keys go */
  var landed = location.hash && document.getElementById(location.hash.slice(1));
  if (landed && landed.matches("[data-keys-home]")) { landed.focus(); }

  /* where the tabs are wider than the screen, the one that is on stands in sight */
  document.querySelectorAll(".views [aria-current]").forEach(function (tab) {
    var bar = tab.parentElement;
    bar.scrollLeft = Math.max(0, tab.offsetLeft - bar.offsetLeft + tab.offsetWidth - bar.clientWidth);
  });

  /* a click elsewhere closes an open sheet, as in every menu */
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.drop[open]").forEach(function (box) {
      if (!box.contains(event.target)) { box.open = false; }
    });
    var close = event.target.closest("[data-dismiss]");
    if (close) { close.closest(".toastmsg").remove(); }
  });
})();
