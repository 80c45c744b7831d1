package app

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/handlers"
	"waitboard/notices"
)

// openNotices shows the operators' notices of before. It comes before the listeners, so that nobody sees a widget without.
func (a *App) openNotices() (err error) {
	a.notices, err = notices.Open(notices.Options{Dir: a.dir, Show: a.feed.board.SetNotice, Now: time.Now, Log: a.log})
	if err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	a.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "waitboard_notices",
		Help: "Operators' notices that are in force.",
	}, func() float64 { return float64(len(a.notices.All())) }))
	return nil
}

// adminWidgets is the widgets as the operators' page shows them, and after them those that are gone but for a notice. public is where the
// public reaches the service.
func (a *App) adminWidgets(public string) (out []handlers.AdminWidget) {
	set := a.notices.All()
	for _, id := range a.feed.board.IDs() {
		page, ok := a.feed.board.Page(id)
		if !ok { // gone since
			continue
		}
		w := handlers.AdminWidget{
			ID: id, Title: page.Snapshot.Title, Page: public + "/w/" + id,
			State: string(page.Snapshot.State), Stale: page.Snapshot.Stale, Notice: page.Snapshot.Notice,
		}
		if n, ok := set[id]; ok {
			w.Notice, w.End = n.Text, handlers.NoticeEnd(n, time.Now())
			delete(set, id)
		}
		out = append(out, w)
	}
	configured := len(out)
	for id, n := range set {
		out = append(out, handlers.AdminWidget{ID: id, State: "not in the configuration", Notice: n.Text, End: handlers.NoticeEnd(n, time.Now())})
	}
	slices.SortFunc(out[configured:], func(a, b handlers.AdminWidget) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// mayListen looks at the address that an admin listener really has: the configuration may have named it by a host name.
func mayListen(c *config.Config, admin *server) error {
	if admin == nil || admin.loopback() || c.AdminToken.Reveal() != "" {
		return nil
	}
	return fmt.Errorf("admin: %s can be reached from other machines, which needs a token; name the environment variable that holds it with admin_token_env", admin.address)
}
