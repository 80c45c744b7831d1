/* The block "Wait time" in the editor. It runs as it is: there is no build step. */
(function (wp) {
  'use strict';
  var el = wp.element.createElement;
  var __ = wp.i18n.__;
  var components = wp.components;

  /** A select of choices, which are pairs of value and label. */
  function select(props, name, label, choices) {
    return el(components.SelectControl, {
      label: label,
      value: props.attributes[name],
      options: choices.map(function (choice) { return { value: choice[0], label: choice[1] }; }),
      onChange: function (value) {
        var change = {};
        change[name] = value;
        props.setAttributes(change);
      }
    });
  }

  /** The widgets of the service: undefined while they load, then { list } or { problem }. */
  function useWidgets() {
    var state = wp.element.useState();
    wp.element.useEffect(function () {
      wp.apiFetch({ path: '/waitboard/v1/widgets' }).then(
        function (list) { state[1]({ list: list }); },
        function (error) { state[1]({ problem: error.message }); }
      );
    }, []);
    return state[0];
  }

  function picker(props, widgets) {
    if (!widgets) return el(components.Spinner);
    if (widgets.problem) return el(components.Notice, { status: 'error', isDismissible: false }, widgets.problem);
    var choices = [['', __('Choose a widget', 'waitboard')]].concat(widgets.list.map(function (w) { return [w.id, w.title + ' (' + w.id + ')']; }));
    var id = props.attributes.widget;
    if (id && !widgets.list.some(function (w) { return w.id === id; })) choices.push([id, id]);
    return el(components.SelectControl, {
      label: __('Widget', 'waitboard'),
      value: id,
      options: choices.map(function (choice) { return { value: choice[0], label: choice[1] }; }),
      onChange: function (value) {
        var chosen = widgets.list.filter(function (w) { return w.id === value; })[0];
        props.setAttributes({ widget: value, title: chosen ? chosen.title : '' });
      }
    });
  }

  function Edit(props) {
    var widgets = useWidgets();
    return el('div', wp.blockEditor.useBlockProps(),
      el(wp.blockEditor.InspectorControls, null,
        el(components.PanelBody, { title: __('Wait time', 'waitboard') },
          picker(props, widgets),
          select(props, 'layout', __('Style', 'waitboard'), [
            ['card', __('Card', 'waitboard')], ['line', __('Line', 'waitboard')], ['compact', __('Compact', 'waitboard')], ['bare', __('Number only', 'waitboard')]
          ]),
          select(props, 'theme', __('Colors', 'waitboard'), [
            ['auto', __('As the visitor prefers', 'waitboard')], ['light', __('Light', 'waitboard')], ['dark', __('Dark', 'waitboard')]
          ]),
          props.attributes.layout === 'card' && select(props, 'chart', __('Chart of typical waits', 'waitboard'), [
            ['none', __('None', 'waitboard')], ['day', __('Today', 'waitboard')], ['week', __('This week', 'waitboard')]
          ])
        )
      ),
      props.attributes.widget
        ? el(components.Disabled, null, el(wp.serverSideRender, { block: 'waitboard/wait-time', attributes: props.attributes }))
        : el(components.Placeholder, { icon: 'clock', label: __('Wait time', 'waitboard') }, picker(props, widgets))
    );
  }

  wp.blocks.registerBlockType('waitboard/wait-time', {
    edit: Edit,
    save: function () { return null; } // the server renders it
  });
})(window.wp);
