package app

import (
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/handlers"
)

// troubles logs what is wrong with single files and sources: once, until it is something else or is over.
type troubles struct {
	log  *slog.Logger
	told map[subject]string
}

// A subject is a file or a source that can be in trouble.
type subject struct{ kind, name string }

// report logs what has changed since the configuration before. All problems of a subject are logged when one of them is new.
func (t *troubles) report(c *config.Config) {
	now := map[subject]string{}
	note := func(s subject, problems []config.Problem, message string) {
		text := strings.Join(lines(problems), "\n")
		now[s] = text
		switch before := t.told[s]; {
		case text == "" && before != "":
			t.log.Info(s.kind+" is in order again", s.kind, s.name)
		case text != before:
			for _, p := range problems {
				t.log.Error(message, s.kind, s.name, "problem", p.String())
			}
		}
	}
	for _, f := range c.Included {
		message := "file has mistakes, skipping it"
		if f.Kept {
			message = "file has mistakes, its sources and widgets stay as they were"
		}
		note(subject{"file", f.Name}, f.Problems, message)
	}
	for _, s := range c.Sources {
		message := "source can't be asked, its widgets go without"
		if s.Usable() {
			message = "source has lost its key or ca_file, continuing with the one of before"
		}
		note(subject{"source", s.Name}, s.Trouble, message)
	}
	t.told = now
}

// Config returns the configuration that is in force.
func (a *App) Config() *config.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

// adminFiles lists the included files as the operators' page shows them.
func adminFiles(c *config.Config) (out []handlers.AdminFile) {
	for _, f := range c.Included {
		state := "ok"
		switch {
		case f.Kept:
			state = "has mistakes; its sources and widgets stay as they were"
		case f.Problems != nil:
			state = "has mistakes; it is skipped"
		}
		out = append(out, handlers.AdminFile{Name: f.Name, State: state, Problems: lines(f.Problems)})
	}
	return out
}

// A fileCollector tells which included files are in force.
type fileCollector struct{ app *App }

var fileOK = prometheus.NewDesc("waitboard_config_file_ok", "Whether an included file is in force: 1, or 0 while it has mistakes, when its sources and widgets stay as they were.", []string{"file"}, nil)

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
