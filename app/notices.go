package app

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/notices"
)

// openNotices opens the store of operators' notices and shows those in force, before anybody can see a widget.
func (a *App) openNotices() (err error) {
	o := notices.Options{Dir: a.dir, Show: a.feed.publisher.SetNotice, Now: time.Now, Log: a.log}
	if a.feed.cluster != nil {
		o.Share = a.feed.shareNotice
	}
	a.notices, err = notices.Open(o)
	if err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	if a.feed.cluster != nil {
		a.feed.cluster.ShareNotices(a.notices)
	}
	a.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "waitboard_notices",
		Help: "Operators' notices in force.",
	}, func() float64 { return float64(len(a.notices.All())) }))
	return nil
}

// mayListen returns an error if other machines reach the admin listener and it has no token. It checks the address that the listener got:
// the configuration may have a host name.
func mayListen(c *config.Config, admin *server) error {
	if admin == nil || admin.loopback() || c.AdminToken.Reveal() != "" {
		return nil
	}
	return fmt.Errorf("admin: %s can be reached from other machines, which requires a token; set admin_token_env to the environment variable that holds it", admin.address)
}
