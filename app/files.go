package app

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/api/operator"
	"waitboard/config"
)

// troubles logs the problems of single files and sources: once, until they change or end.
type troubles struct {
	log    *slog.Logger
	logged map[subject]string
	hints  []string
}

// A subject is a file or a source that can be in trouble.
type subject struct{ kind, name string }

// report logs what changed since the configuration before. When one problem of a subject is new, all of them are logged.
func (t *troubles) report(c *config.Config) {
	now := map[subject]string{}
	note := func(s subject, problems []config.Problem, message, recovered string) {
		text := strings.Join(lines(problems), "\n")
		now[s] = text
		switch before := t.logged[s]; {
		case text == "" && before != "":
			t.log.Info(recovered, s.kind, s.name)
		case text != before:
			for _, p := range problems {
				t.log.Error(message, s.kind, s.name, "problem", p.String())
			}
		}
	}
	for _, f := range c.Included {
		message := "included file can't be used, skipping it"
		if f.Previous {
			message = "included file can't be used, keeping its previous sources and widgets"
		}
		note(subject{"file", f.Name}, f.Problems, message, "included file recovered")
	}
	for _, s := range c.Sources {
		message := "source can't be polled, its widgets have no values"
		if s.Usable() {
			message = "source lost its key or certificates, continuing with the previous ones"
		}
		note(subject{"source", s.Name}, s.Trouble, message, "source recovered")
	}
	for _, w := range c.Webhooks {
		message := "webhook can't be used, sending nothing"
		if w.Usable() {
			message = "webhook is not as configured, sending what is possible"
		}
		note(subject{"webhook", w.Name}, w.Trouble, message, "webhook recovered")
	}
	hints := notes(c)
	for _, hint := range hints {
		if !slices.Contains(t.hints, hint) {
			t.log.Info("configuration accepted, but not in its usual form", "hint", hint)
		}
	}
	t.hints = hints
	t.logged = now
}

// notes lists what was read but should be written in another way, in the file and in what its sources need.
func notes(c *config.Config) []string {
	all := lines(c.Notes)
	for _, s := range c.Sources {
		all = append(all, lines(s.Notes)...)
	}
	for _, w := range c.Webhooks {
		all = append(all, lines(w.Notes)...)
	}
	return all
}

// Config returns the configuration that is in force.
func (a *App) Config() *config.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

// fileStates returns the included files for the dashboard.
func fileStates(c *config.Config) (out []operator.File) {
	for _, f := range c.Included {
		state := "ok"
		switch {
		case f.Previous:
			state = "previous"
		case f.Problems != nil:
			state = "skipped"
		}
		out = append(out, operator.File{Name: f.Name, State: state, Problems: lines(f.Problems)})
	}
	return out
}

// A fileCollector collects which included files are in force.
type fileCollector struct{ app *App }

var fileOK = prometheus.NewDesc("waitboard_config_file_ok", "1 if the included file is in force, 0 while it has mistakes and its previous sources and widgets stay.", []string{"file"}, nil)

// Describe sends the one description.
func (c fileCollector) Describe(out chan<- *prometheus.Desc) { out <- fileOK }

// Collect sends a value for each included file.
func (c fileCollector) Collect(out chan<- prometheus.Metric) {
	for _, f := range c.app.Config().Included {
		value := 1.0
		if f.Problems != nil {
			value = 0
		}
		out <- prometheus.MustNewConstMetric(fileOK, prometheus.GaugeValue, value, f.Name)
	}
}
