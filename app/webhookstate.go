package app

import (
	"fmt"
	"slices"
	"strings"

	"waitboard/api/operator"
	"waitboard/config"
	"waitboard/webhook"
)

// webhookStates returns the webhooks for the dashboard.
func (a *App) webhookStates() (out []operator.Webhook) {
	configured := a.Config().Webhooks
	for _, s := range a.hooks.Status() {
		var trouble []string
		if i := slices.IndexFunc(configured, func(w config.Webhook) bool { return w.Name == s.Name }); i >= 0 {
			trouble = lines(configured[i].Trouble)
		}
		state, problem := webhookState(&s, trouble)
		hook := operator.Webhook{ID: s.Name, State: state, Queued: s.Queued, Problem: problem}
		if !s.Oldest.IsZero() {
			hook.Oldest = &s.Oldest
		}
		if !s.Delivered.IsZero() {
			hook.Delivered = &s.Delivered
		}
		out = append(out, hook)
	}
	return out
}

// webhookState returns the worst that holds for a webhook, and all that is wrong. trouble is what its configuration lacks.
func webhookState(s *webhook.Status, trouble []string) (state, problem string) {
	state = "ok"
	if !s.Serving {
		state = "elsewhere"
	}
	var all []string
	note := func(worse string, texts ...string) {
		state, all = worse, append(texts, all...)
	}
	if s.Dropped > 0 {
		messages, verb := "messages", "were"
		if s.Dropped == 1 {
			messages, verb = "message", "was"
		}
		note("lossy", fmt.Sprintf("%d %s %s dropped, because the queue was full", s.Dropped, messages, verb))
	}
	if trouble != nil {
		note("misconfigured", trouble...)
	}
	if s.Serving && s.Problem != "" {
		note("failing", s.Problem)
	}
	if s.Serving && s.Unsaved != "" {
		note("blocked", s.Unsaved)
	}
	if !s.Usable {
		note("unusable")
	}
	return state, strings.Join(all, "; ")
}

// webhookNotes are what /readyz says of a webhook in trouble, before the reason.
var webhookNotes = map[string]string{
	"lossy": "it lost messages: ", "misconfigured": "it is not as configured: ", "failing": "it does not deliver: ",
	"blocked": "it sends nothing new: ", "unusable": "it sends nothing: ",
}
