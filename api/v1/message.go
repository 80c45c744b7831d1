package v1

// Message is what a webhook with `format: json` receives: one change that lasted.
type Message struct {
	// What changed. `widget.level`: the level of a metric. `widget.state`: the state of a widget. `widget.stale`: whether a widget is up to date. `source.state`: whether polls of a phone system succeed. `test`: nothing; `waitboard check --send-test` sends it.
	Type string `json:"type" jsonschema:"enum=widget.level,enum=widget.state,enum=widget.stale,enum=source.state,enum=test"`
	// When the change began, in UTC.
	Timestamp string `json:"timestamp" jsonschema:"format=date-time"`
	// The change.
	Data MessageData `json:"data"`
}

// MessageData is one change.
type MessageData struct {
	// The webhook's ID in the configuration.
	Webhook string `json:"webhook"`
	// The change in one English line. Plain text.
	Summary string `json:"summary"`
	// The condition before. Omitted in a test.
	From string `json:"from,omitempty" jsonschema:"enum=low,enum=moderate,enum=high,enum=open,enum=closed,enum=unavailable,enum=fresh,enum=stale,enum=ok,enum=failing,enum=refused"`
	// The new condition, which has lasted for `for`. `refused`: the source rejects the key. Omitted in a test.
	To string `json:"to,omitempty" jsonschema:"enum=low,enum=moderate,enum=high,enum=open,enum=closed,enum=unavailable,enum=fresh,enum=stale,enum=ok,enum=failing,enum=refused"`
	// The IDs of the widgets that the change concerns: one, or all that show the source.
	Widgets []string `json:"widgets,omitempty"`
	// The widget's heading. Omitted for a source.
	Title string `json:"title,omitempty"`
	// The language of `title`, `text` and `metric`, as a BCP 47 tag.
	Locale string `json:"locale,omitempty"`
	// The widget in one line, in its language, when waitboard created the message. Plain text.
	Text string `json:"text,omitempty"`
	// The metric whose level changed, as the public saw it when waitboard created the message.
	Metric *Metric `json:"metric,omitempty"`
	// What the public may not see. Only with `private: true`.
	Private *MessagePrivate `json:"private,omitempty"`
}

// MessagePrivate is what the public may not see.
type MessagePrivate struct {
	// The exact values of the widget's metrics by their IDs: seconds of a duration, or a number.
	Values map[string]float64 `json:"values,omitempty"`
	// The source's ID in the configuration.
	Source string `json:"source,omitempty"`
	// Why the source fails, as in `waitboard_upstream_requests_total`.
	Cause string `json:"cause,omitempty"`
}
