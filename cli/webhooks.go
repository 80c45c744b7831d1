package cli

import (
	"fmt"

	"waitboard/app"
	"waitboard/config"
)

// printWebhooks prints what is wrong with the webhooks, and sends each a test message if asked to. It reports whether all can be used.
func printWebhooks(i *invocation, cfg *config.Config, send bool) (fit bool) {
	fit = true
	for _, w := range cfg.Webhooks {
		for _, p := range w.Trouble {
			fit = false
			fmt.Fprintf(i.stdout, "\nwebhook %s: %s\n", w.Name, p)
		}
	}
	if !send || len(cfg.Webhooks) == 0 {
		return fit
	}
	fmt.Fprintln(i.stdout)
	table := newTable(i.stdout, "WEBHOOK", "TEST MESSAGE")
	for _, w := range app.SendTests(i.ctx, cfg) {
		result := "delivered"
		if w.Problem != "" {
			fit, result = false, "not delivered: "+w.Problem
		}
		table.row(w.Name, result)
	}
	table.print()
	return fit
}
