/* The board: cards are dragged between lanes, or moved by a sheet ("m" on a card). Without this file the sheet is a
   page of its own. The server decides: what it refuses goes back where it was. */
(function () {
  "use strict";
  var htmx = window.htmx, Sortable = window.Sortable;
  var dialog = document.getElementById("moving");
  var places = new Map(); /* card that is on its way -> where it stood */
  if (!htmx || !Sortable || !dialog) { return; }

  function board() { return document.querySelector("#board .board"); }
  function cardOf(number) { return document.getElementById("card-" + number); }
  function linkOf(card) { return card && card.querySelector("a.who"); }

  function send(card, from, to) {
    places.set(card, { lane: from, next: card.placeholderNext || null });
    delete card.placeholderNext;
    card.classList.add("sent");
    htmx.ajax("POST", card.querySelector("a.moveto").getAttribute("href"), {
      source: card, target: "#board-note", swap: "none",
      values: { to: to.dataset.stage, seen: from.dataset.stage, csrfmiddlewaretoken: board().dataset.token }
    });
  }
  function putBack(card) {
    var place = places.get(card);
    if (!place) { return; }
    var next = place.next && place.next.parentNode === place.lane ? place.next : null;
    place.lane.insertBefore(card, next);
  }
  function settle(card, failed) {
    if (failed) { putBack(card); }
    card.classList.remove("sent");
    card.removeAttribute("style"); /* what dragging left; htmx would copy it, which the content policy refuses */
    places.delete(card);
  }
  function say(words) {
    var note = document.getElementById("board-note"), bar = document.createElement("div");
    bar.className = "alertbar";
    bar.textContent = words;
    note.replaceChildren(bar);
  }

  function dropped(event) {
    var card = event.item, from = event.from, to = event.to;
    if (from === to) { return; }
    if (to.dataset.end) { /* an end asks for more than a lane: its form does */
      from.insertBefore(card, card.placeholderNext || null);
      location.assign(linkOf(card).getAttribute("href") + to.dataset.end);
      return;
    }
    send(card, from, to);
  }
  function prepare() {
    document.querySelectorAll("#board .cards:not([data-ready])").forEach(function (list) {
      list.dataset.ready = "yes";
      Sortable.create(list, {
        group: "lanes", draggable: ".tcard", filter: ".moveto, .sent", preventOnFilter: false, sort: false,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        delay: 180, delayOnTouchOnly: true, touchStartThreshold: 5, dragClass: "held",
        onStart: function (event) {
          event.item.placeholderNext = event.item.nextElementSibling;
          document.body.classList.add("dragging");
        },
        onEnd: function (event) { document.body.classList.remove("dragging"); dropped(event); }
      });
    });
    document.querySelectorAll("#board .end-drop:not([data-ready])").forEach(function (end) {
      end.dataset.ready = "yes";
      Sortable.create(end, { group: { name: "lanes", pull: false, put: true }, draggable: ".tcard", sort: false });
    });
  }
  prepare();

  /* what became of a move: beforeOnLoad comes before the answer's parts are put in */
  document.body.addEventListener("htmx:beforeOnLoad", function (event) {
    var card = event.detail.elt, status = event.detail.xhr.status;
    if (!places.has(card)) { return; }
    settle(card, status >= 400);
    if (status >= 400 && status !== 409 && status !== 422) { say(board().dataset.failed); }
  });
  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.body.addEventListener(name, function (event) {
      if (places.has(event.detail.elt)) { settle(event.detail.elt, true); say(board().dataset.failed); }
    });
  });
  document.body.addEventListener("htmx:afterSettle", function (event) {
    prepare();
    if (dialog.contains(event.target) || event.target === dialog) {
      if (!dialog.open) { dialog.showModal(); }
      var first = dialog.querySelector("button, a");
      if (first) { first.focus(); }
    }
  });

  /* the sheet, in a dialog */
  document.addEventListener("click", function (event) {
    var opener = event.target.closest("#board a.moveto");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      dialog.dataset.card = opener.closest(".tcard").dataset.card;
      htmx.ajax("GET", opener.getAttribute("href"), { source: dialog, target: dialog, swap: "innerHTML" });
    }
    if (event.target === dialog || event.target.closest("#moving [data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("submit", function (event) {
    var to = event.submitter && document.getElementById("cards-" + event.submitter.value);
    var card = cardOf(dialog.dataset.card), from = card && card.closest(".cards");
    if (!to || !from) { return; }
    event.preventDefault();
    dialog.close();
    card.placeholderNext = card.nextElementSibling;
    to.insertBefore(card, to.firstElementChild);
    send(card, from, to);
  });
  dialog.addEventListener("close", function () {
    dialog.replaceChildren();
    var link = linkOf(cardOf(dialog.dataset.card));
    if (link) { link.focus(); }
  });
  document.body.addEventListener("htmx:oobAfterSwap", function () {
    if (!document.activeElement || document.activeElement === document.body) {
      var link = linkOf(cardOf(dialog.dataset.card));
      if (link) { link.focus(); link.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (document.documentElement.dataset.keys === "off" || dialog.open) { return; }
    var card = document.activeElement && document.activeElement.closest("#board .tcard");
    if (card) { event.preventDefault(); card.querySelector("a.moveto").click(); }
  });
})();
