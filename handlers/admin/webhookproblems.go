package admin

import (
	"strings"

	"waitboard/api/operator"
)

// ofWebhook explains why a webhook's messages do not arrive as configured.
func ofWebhook(hook *operator.Webhook) []operator.Problem {
	p := operator.Problem{Kind: "webhook", Level: warning, Remedy: "Run waitboard check --send-test, and check the receiver."}
	switch hook.State {
	case "failing":
		p.Text = "Webhook " + hook.ID + " does not deliver."
	case "lossy":
		p.Text = "Webhook " + hook.ID + " lost messages."
	case "blocked":
		p.Text, p.Remedy = "Webhook "+hook.ID+" sends nothing new.", "Make room on the disk of data_dir. With cluster, check the engine."
	case "misconfigured":
		p.Text, p.Remedy = "Webhook "+hook.ID+" is not as configured.", correctHook
	case "unusable":
		p.Text, p.Remedy = "Webhook "+hook.ID+" sends nothing, because its URL or its secret can't be read.", correctHook
	default:
		return nil
	}
	text := hookText(hook)
	if what, advice, found := strings.Cut(hook.Problem, "; "); found && hook.State == "failing" {
		text, p.Remedy = sentence(what), sentence(advice)
	}
	if text != "" {
		p.Names = []string{text}
	}
	return []operator.Problem{p}
}

// hookText returns the problem of a webhook as a sentence, except for one that begins with a key of the configuration.
func hookText(hook *operator.Webhook) string {
	if hook.State == "misconfigured" || hook.State == "unusable" {
		return hook.Problem
	}
	return sentence(hook.Problem)
}

const correctHook = "Correct its configuration. waitboard reads changed files at once, and all files after SIGHUP."
