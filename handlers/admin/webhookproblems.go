package admin

import "waitboard/api/operator"

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
	if hook.Problem != "" {
		p.Names = []string{hook.Problem}
	}
	return []operator.Problem{p}
}

const correctHook = "Correct its configuration. waitboard reads changed files at once, and all files after SIGHUP."
