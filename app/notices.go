package app

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/handlers/admin"
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

// adminWidgets returns the widgets for the dashboard, and after them the removed ones that still have a notice. public is the address that
// the public uses.
func (a *App) adminWidgets(public string) (out []admin.WidgetStatus) {
	set := a.notices.All()
	for _, id := range a.feed.publisher.IDs() {
		page, ok := a.feed.publisher.Page(id)
		if !ok { // removed meanwhile
			continue
		}
		w := admin.WidgetStatus{
			ID: id, Title: page.Snapshot.Title, Page: public + "/w/" + id,
			State: string(page.Snapshot.State), Stale: page.Snapshot.Stale, Notice: page.Snapshot.Notice,
			Sites: a.embeds.Top(id),
		}
		if n, ok := set[id]; ok {
			w.Notice, w.End = n.Text, admin.NoticeEnd(n, time.Now())
			delete(set, id)
		}
		out = append(out, w)
	}
	configured := len(out)
	for id, n := range set {
		out = append(out, admin.WidgetStatus{ID: id, State: "not in the configuration", Notice: n.Text, End: admin.NoticeEnd(n, time.Now())})
	}
	slices.SortFunc(out[configured:], func(a, b admin.WidgetStatus) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// mayListen returns an error if other machines reach the admin listener and it has no token. It checks the address that the listener got:
// the configuration may have a host name.
func mayListen(c *config.Config, admin *server) error {
	if admin == nil || admin.loopback() || c.AdminToken.Reveal() != "" {
		return nil
	}
	return fmt.Errorf("admin: %s can be reached from other machines, which requires a token; set admin_token_env to the environment variable that holds it", admin.address)
}
