package app

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
)

// reload reads the configuration again and puts it into effect as a whole, or not at all. Requests are served all the time, and sources
// that stay the same are polled all the time.
func (a *App) reload(reason string) {
	c, err := a.load()
	if err == nil && c.Equal(a.config) {
		a.reject(nil)
		a.log.Info("configuration read again, nothing changed", "because", reason)
		a.reloads.succeeded(time.Now())
		return
	}
	if err == nil {
		err = a.apply(c)
	}
	a.reject(err)
	if err != nil {
		a.reloads.failed()
		for _, problem := range problems(err) {
			a.log.Error("configuration rejected, keeping the old one", "because", reason, "cause", rejection(err), "problem", problem)
		}
		return
	}
	a.reloads.succeeded(time.Now())
	a.troubles.report(c)
	a.log.Info("configuration in force", "because", reason, "sources", len(c.Sources), "widgets", len(c.Widgets))
}

// apply puts a configuration into effect. After an error everything is as before.
func (a *App) apply(c *config.Config) error {
	if c.DataDir != a.config.DataDir {
		return errDataDir
	}
	if !c.Cluster.Equal(a.config.Cluster) {
		return restartError("cluster: can't be changed while waitboard runs")
	}
	sources, err := a.feed.plan(c)
	if err != nil {
		return err
	}
	listeners, err := a.plan(c)
	if err != nil {
		discard(sources)
		return err
	}
	a.commit(listeners) // first, so that no widget is served without the rules for its origins
	a.feed.replace(c, sources)
	a.hooks.Replace(hooks(c))
	return nil
}

// reject records why the configuration that was read last is not in force; nil: it is.
func (a *App) reject(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rejected = err
	a.changes.Notify()
}

// A restartError names a setting of a valid configuration that takes effect at a start only.
type restartError string

func (e restartError) Error() string { return string(e) + "; restart it" }

// A portError is why this machine can't listen on a valid address now.
type portError struct{ error }

func (e portError) Unwrap() error { return e.error }

// rejection returns what kind of error rejects a configuration, and what to do about it.
func rejection(err error) string {
	var unread *config.Error
	switch {
	case errors.As(err, &unread) && unread.Unwrap() != nil:
		return "it can't be read; send SIGHUP to try again"
	case errors.As(err, new(restartError)):
		return "it needs a restart, and nothing of it takes effect before"
	case errors.As(err, new(portError)):
		return "waitboard can't listen on an address in it, and nothing of it takes effect; send SIGHUP to try again"
	}
	return "it has mistakes"
}

// problems returns the problems of an error, for one log record each.
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

// reloadMetrics are the Prometheus metrics about the configuration.
type reloadMetrics struct {
	total *prometheus.CounterVec
	ok    prometheus.Gauge
	last  prometheus.Gauge
}

// newReloadMetrics registers the metrics; the first configuration counts as loaded at that time.
func newReloadMetrics(r prometheus.Registerer, started time.Time) *reloadMetrics {
	m := &reloadMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_config_reloads_total",
			Help: "Reloads of the configuration, by outcome: ok, or failed when the old one stayed in force.",
		}, []string{"outcome"}),
		ok: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "waitboard_config_last_reload_successful",
			Help: "1 if the configuration that was read last is in force, otherwise 0.",
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "waitboard_config_last_reload_success_timestamp_seconds",
			Help: "When a configuration last took effect, in Unix time.",
		}),
	}
	r.MustRegister(m.total, m.ok, m.last)
	m.total.WithLabelValues("ok")
	m.total.WithLabelValues("failed")
	m.ok.Set(1)
	m.last.Set(float64(started.Unix()))
	return m
}

func (m *reloadMetrics) succeeded(now time.Time) {
	m.total.WithLabelValues("ok").Inc()
	m.ok.Set(1)
	m.last.Set(float64(now.Unix()))
}

func (m *reloadMetrics) failed() {
	m.total.WithLabelValues("failed").Inc()
	m.ok.Set(0)
}
