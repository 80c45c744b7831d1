// The script of the embed page: it tells the page around it how high the widget is, and keeps the page fresh where the
// script of the element can't. It is served as it is; docs/frames.md has the format of the messages.
(function () {
  'use strict';
  var page = document.documentElement;
  var data = page.dataset;
  var origins = data.origins ? data.origins.split(' ') : null; // null: any site may embed the widget

  // Where the page around us is, as far as the browser tells.
  function parentOrigin() {
    if (location.ancestorOrigins && location.ancestorOrigins.length) return location.ancestorOrigins[0];
    try {
      return new URL(document.referrer).origin;
    } catch (e) {
      return '';
    }
  }

  // https://*.example.com stands for every name below example.com, as it does to the server.
  function matches(origin, pattern) {
    var star = pattern.indexOf('*');
    return star < 0 ? origin === pattern
      : origin.length > pattern.length - 1 && origin.startsWith(pattern.slice(0, star)) && origin.endsWith(pattern.slice(star + 1));
  }

  // A height is no secret, so any page may have it of a widget that any page may embed. Otherwise it goes only to those that
  // may; where the browser does not say who it is, it makes sure of that itself.
  var parent = parentOrigin();
  var targets = !origins ? ['*']
    : parent && parent !== 'null' ? (origins.some(function (o) { return matches(parent, o); }) ? [parent] : [])
    : origins.filter(function (o) { return o.indexOf('*') < 0; });
  var last = 0;

  function tell(again) {
    var height = Math.ceil(document.body.getBoundingClientRect().height);
    if (!height || height === last && again !== true) return;
    last = height;
    targets.forEach(function (target) {
      window.parent.postMessage({type: 'wait-time:height', widget: data.widget, height: height}, target);
    });
  }

  if (window.parent !== window) {
    if (window.ResizeObserver) new ResizeObserver(tell).observe(document.body);
    addEventListener('load', tell);
    addEventListener('message', function (event) { // from one that began to listen after we had told
      if (event.source === window.parent && event.data && event.data.type === 'wait-time:measure') tell(true);
    });
  }

  // The time of day is the server's; a visitor's is better.
  var clock = document.querySelector('.age time');
  if (clock) {
    clock.textContent = new Date(clock.dateTime).toLocaleTimeString(page.lang, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
    document.querySelector('.age .zone').remove();
  }

  // Without the element the page is loaded again when there may be something new. First it is asked for on the side: if the
  // service can't be reached, a page with older values is better than an error, until they are too old to be shown.
  function keepFresh() {
    setTimeout(function () {
      if (document.hidden) {
        document.addEventListener('visibilitychange', keepFresh, {once: true});
        return;
      }
      fetch(location.href, {mode: 'no-cors', cache: 'no-store'}).then(function () {
        location.reload();
      }, function () {
        if (performance.now() > data.hide * 1000) page.classList.add('lost');
        keepFresh();
      });
    }, data.refresh * 1000);
  }

  // In a sandbox our origin is nobody's, and the element may not read a widget that is kept to some sites.
  var element = document.querySelector('wait-time');
  if (origins && self.origin === 'null') {
    element.replaceWith.apply(element, Array.from(element.childNodes));
    keepFresh();
    return;
  }
  addEventListener('load', function () {
    if (!window.customElements || !customElements.get('wait-time')) keepFresh();
  });
})();
