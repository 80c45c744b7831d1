package app

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
)

// reload reads the configuration anew and takes it over as a whole, or not at all. Requests go on being answered, and
// sources that stay as they are go on being polled.
func (a *App) reload(why string) {
	c, err := a.load()
	a.refuse(err)
	if err == nil && c.Equal(a.config) {
		a.log.Info("the configuration was read again and has not changed", "because", why)
		a.reloads.succeeded(time.Now())
		return
	}
	if err == nil {
		err = a.apply(c)
	}
	if err != nil {
		a.reloads.failed()
		a.refuse(err)
		for _, problem := range problems(err) {
			a.log.Error("the new configuration is not taken over, the old one stays", "because", why, "obstacle", obstacle(err), "problem", problem)
		}
		return
	}
	a.reloads.succeeded(time.Now())
	a.troubles.report(c)
	a.log.Info("the new configuration is in force", "because", why, "sources", len(c.Sources), "widgets", len(c.Widgets))
}

// apply takes a configuration over. After an error everything is as it was.
func (a *App) apply(c *config.Config) error {
	if c.DataDir != a.config.DataDir {
		return errDataDir
	}
	sources, err := a.feed.plan(c)
	if err != nil {
		return err
	}
	// The handlers come first, so that no widget is served before the rules for its origins are.
	if err := a.open(c); err != nil {
		discard(sources)
		return err
	}
	a.feed.replace(c, sources)
	return nil
}

// refuse remembers why the configuration that was read last is not in force.
func (a *App) refuse(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused = err
}

// A restartError says what of a configuration, in which nothing is wrong, can be taken over at a start only.
type restartError string

func (e restartError) Error() string { return string(e) + "; restart it" }

// A portError says of a well-formed address why this machine does not let us listen there now.
type portError struct{ error }

func (e portError) Unwrap() error { return e.error }

// obstacle is what kind of thing keeps a configuration from being in force, and what to do about it.
func obstacle(err error) string {
	switch {
	case errors.As(err, new(restartError)):
		return "it needs a restart, and nothing of it is taken over before that"
	case errors.As(err, new(portError)):
		return "an address in it can't be listened on, and nothing of it is taken over before that; once it can, send SIGHUP"
	}
	return "it has mistakes"
}

// problems is an error line by line, as a log wants it.
func problems(err error) []string {
	var several *config.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &several):
		return []string{err.Error()}
	}
	return lines(several.Problems)
}

// reloadFigures are the figures about the configuration.
type reloadFigures struct {
	total *prometheus.CounterVec
	ok    prometheus.Gauge
	last  prometheus.Gauge
}

// newReloadFigures registers them; the configuration that the service starts with counts as taken over at that time.
func newReloadFigures(r prometheus.Registerer, started time.Time) *reloadFigures {
	m := &reloadFigures{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_config_reloads_total",
			Help: "How often the configuration was read anew, by outcome: ok, or failed, when the old one stayed in force.",
		}, []string{"outcome"}),
		ok: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "waitboard_config_last_reload_successful",
			Help: "Whether the configuration could be taken over when it was last read: 1, or 0.",
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "waitboard_config_last_reload_success_timestamp_seconds",
			Help: "When a configuration was last taken over, in Unix time.",
		}),
	}
	r.MustRegister(m.total, m.ok, m.last)
	m.total.WithLabelValues("ok")
	m.total.WithLabelValues("failed")
	m.ok.Set(1)
	m.last.Set(float64(started.Unix()))
	return m
}

func (m *reloadFigures) succeeded(now time.Time) {
	m.total.WithLabelValues("ok").Inc()
	m.ok.Set(1)
	m.last.Set(float64(now.Unix()))
}

func (m *reloadFigures) failed() {
	m.total.WithLabelValues("failed").Inc()
	m.ok.Set(0)
}
