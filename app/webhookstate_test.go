package app

import (
	"testing"

	"waitboard/webhook"
)

// The state of a webhook is the worst that holds, and its problem names everything.
func TestWebhookState(t *testing.T) {
	fault := []string{"url_file: no file", "widgets[0]: unknown"}
	for _, test := range []struct {
		name           string
		status         webhook.Status
		trouble        []string
		state, problem string
	}{
		{"in health", webhook.Status{Usable: true, Serving: true}, nil, "ok", ""},
		{"of another replica", webhook.Status{Usable: true, Problem: "status 500", Unsaved: "disk full"}, nil, "elsewhere", ""},
		{"failing", webhook.Status{Usable: true, Serving: true, Problem: "status 500"}, nil, "failing", "status 500"},
		{"one message dropped", webhook.Status{Usable: true, Serving: true, Dropped: 1}, nil, "lossy", "1 message was dropped, because the queue was full"},
		{"failing with a full queue", webhook.Status{Usable: true, Serving: true, Problem: "status 500", Dropped: 12}, nil, "failing", "status 500; 12 messages were dropped, because the queue was full"},
		{"full disk", webhook.Status{Usable: true, Serving: true, Unsaved: "disk full"}, nil, "blocked", "disk full"},
		{"full disk, failing", webhook.Status{Usable: true, Serving: true, Unsaved: "disk full", Problem: "status 500"}, nil, "blocked", "disk full; status 500"},
		{"previous URL", webhook.Status{Usable: true, Serving: true}, fault, "misconfigured", "url_file: no file; widgets[0]: unknown"},
		{"previous URL, of another replica", webhook.Status{Usable: true}, fault, "misconfigured", "url_file: no file; widgets[0]: unknown"},
		{"previous URL, failing", webhook.Status{Usable: true, Serving: true, Problem: "status 500"}, fault, "failing", "status 500; url_file: no file; widgets[0]: unknown"},
		{"no secret", webhook.Status{}, []string{"secret_file: no file"}, "unusable", "secret_file: no file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if state, problem := webhookState(&test.status, test.trouble); state != test.state || problem != test.problem {
				t.Errorf("%s: %s", state, problem)
			}
		})
	}
}
