// Keeps the page as the journal has it. Everything it shows can be read without it.
(() => {
  "use strict";
  const RESTED = 250; // milliseconds between two readings, however much happens
  const AGAIN = 1500; // milliseconds until a connection that was given up is tried again
  const link = document.getElementById("link");
  const say = (text, lost) => {
    link.textContent = text;
    link.classList.toggle("lost", lost);
    document.body.classList.toggle("lost", lost);
  };

  // What somebody has opened, typed or chosen in the part that is about to be replaced.
  const keep = () => {
    const live = document.getElementById("live");
    const active = document.activeElement;
    return {
      opened: [...live.querySelectorAll("details[open][id]")].map((one) => one.id),
      typed: [...live.querySelectorAll("input[id], select[id], textarea[id]")].map((one) => [one.id, one.value]),
      focused: active && live.contains(active) ? active.id || active.getAttribute("href") : null,
    };
  };
  const giveBack = ({ opened, typed, focused }) => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (!focused) return;
    const same = document.getElementById(focused) || document.querySelector(`#live a[href="${CSS.escape(focused)}"]`);
    if (same) same.focus({ preventScroll: true });
  };
  let kept = null;
  // Whoever is no longer signed in is led to where they can be.
  const signedOut = (status) => status === 401 && location.reload();
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    signedOut(event.detail.xhr.status);
    // What is shown stays while the service has nothing better to show.
    event.detail.shouldSwap = event.detail.xhr.status === 200;
    kept = keep();
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (kept) giveBack(kept);
    kept = null;
  });

  // One reading at a time; what happens meanwhile is in the next one.
  let stale = false;
  let reading = false;
  const rest = (time) => new Promise((done) => setTimeout(done, time));
  const changed = async () => {
    stale = true;
    if (reading) return;
    reading = true;
    while (stale) {
      stale = false;
      const here = location.pathname + location.search;
      try {
        await htmx.ajax("GET", here, { target: "#live", select: "#live", swap: "outerHTML" });
      } catch {
        // The connection says so too, and has everything read anew once it is back.
      }
      await rest(RESTED);
    }
    reading = false;
  };

  let lost = false;
  const listen = () => {
    const news = new EventSource("/api/v1/changes");
    news.addEventListener("open", () => {
      say("live", false);
      // What happened while nobody listened is in what is read now.
      if (lost) changed();
      lost = false;
    });
    news.addEventListener("error", () => {
      lost = true;
      say("connection lost; trying again", true);
      // A browser gives up where somebody else answers at the address; here it goes on trying.
      if (news.readyState !== EventSource.CLOSED) return;
      fetch(location.href, { method: "HEAD", headers: { "HX-Request": "true" } })
        .then((answer) => signedOut(answer.status), () => {})
        .then(() => setTimeout(listen, AGAIN));
    });
    news.addEventListener("journal", changed);
  };
  if (document.getElementById("live")) listen();
})();
