package app

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"

	"waitboard/cluster"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/webhook"
)

// A hookStore is the store of all webhooks of a process that is alone. It opens when the first one needs it.
type hookStore struct {
	once  sync.Once
	store *webhook.Store
}

// watchForHooks prepares the webhooks, which start in Run.
func (a *App) watchForHooks(c *config.Config, dial dialFunc) {
	o := hookOptions(dial)
	o.Publisher, o.Sources, o.Ready, o.Metrics, o.Log = a.feed.publisher, a.feed.conditions, a.feed.tried, a.registry, a.log
	o.Turns = a.serveHook
	if len(c.Webhooks) == 0 && a.dir != nil && a.feed.cluster == nil {
		webhook.Discard(a.dir, a.log)
	}
	a.hooks = webhook.New(o)
	a.hooks.Replace(hooks(c))
}

// hookOptions returns what it takes to send a message.
func hookOptions(dial dialFunc) webhook.Options {
	return webhook.Options{Dial: dial, Now: time.Now, Proxy: func(to *url.URL) (*url.URL, error) { return httpproxy.FromEnvironment().ProxyFunc()(to) }}
}

// hooks converts the webhooks of the configuration.
func hooks(c *config.Config) (all []webhook.Hook) {
	for _, w := range c.Webhooks {
		h := webhook.Hook{
			Name: w.Name, URL: w.URL.Reveal(), Secret: w.Secret.Reveal(), Widgets: w.Widgets, For: w.For, Format: w.Format,
			Private: w.Private, AllowPrivate: w.AllowPrivate, EnvironmentProxy: w.EnvironmentProxy,
		}
		for _, kind := range w.When {
			h.When = append(h.When, webhook.Kind(kind))
		}
		all = append(all, h)
	}
	return all
}

// serveHook serves a webhook: always, or while this replica has its lease.
func (a *App) serveHook(ctx context.Context, o webhook.Hook, serve webhook.Serve) {
	if a.feed.cluster != nil {
		a.feed.cluster.Serve(ctx, cluster.DutyOptions{Name: "webhook " + o.Name, Secret: cmp.Or(o.Secret, o.URL), Serve: serve})
		return
	}
	a.hookStore.once.Do(func() {
		a.hookStore.store = webhook.OpenStore(a.dir, a.log)
		var names []string
		for _, s := range a.hooks.Status() {
			names = append(names, s.Name)
		}
		a.hookStore.store.Retain(names)
	})
	a.hookStore.store.Serve(ctx, o, serve)
}

// closeHooks stops the webhooks.
func (a *App) closeHooks() {
	a.hooks.Close()
	if a.hookStore.store != nil {
		a.hookStore.store.Close()
	}
}

// conditions returns the states of the sources, from this replica or from the one that polls them.
func (f *feed) conditions(ctx context.Context) map[string]webhook.SourceState {
	known := map[string]string{}
	for _, s := range f.list() {
		if member := s.shared(); (member == nil || member.Polls()) && s.current().Tried() {
			known[s.config.Name] = condition(s.current().Failure())
		}
	}
	if f.cluster != nil {
		known = f.cluster.Conditions(ctx, known)
	}
	states := map[string]webhook.SourceState{}
	for name, text := range known {
		state, cause, _ := strings.Cut(text, " ")
		states[name] = webhook.SourceState{Condition: state, Cause: cause}
	}
	return states
}

// condition returns the condition of a source and its cause.
func condition(f *domain.Failure) string {
	switch {
	case f == nil:
		return "ok"
	case f.Cause == domain.Unauthorized:
		return "refused " + string(f.Cause)
	}
	return "failing " + string(f.Cause)
}

// A CheckedWebhook is what a test message to a webhook showed.
type CheckedWebhook struct {
	Name    string
	Problem string // why it was not delivered; empty: it was
}

// SendTests sends a test message to each webhook.
func SendTests(ctx context.Context, c *config.Config) []CheckedWebhook {
	all := hooks(c)
	out := make([]CheckedWebhook, len(all))
	var sending sync.WaitGroup
	for i, h := range all {
		out[i] = CheckedWebhook{h.Name, "its URL or its secret can't be used"}
		if c.Webhooks[i].Usable() {
			sending.Go(func() { out[i].Problem = webhook.SendTest(ctx, h, hookOptions(nil)) })
		}
	}
	sending.Wait()
	return out
}
