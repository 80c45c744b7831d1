package cluster

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/acme/autocert"

	"waitboard/domain"
)

// The rules in docs/cluster.md are enough.
func TestACL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page, err := os.ReadFile("../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rules, _ := strings.Cut(string(page), "ACL SETUSER ")
	rules, _, ok := strings.Cut(rules, "\n")
	if !ok {
		t.Fatal("the page has no rules")
	}
	args := []any{"ACL", "SETUSER"}
	for rule := range strings.FieldsSeq(rules) {
		args = append(args, rule)
	}
	if err := w.client.Do(t.Context(), args...).Err(); err != nil {
		t.Fatal(err)
	}
	w.url = strings.Replace(w.engine.URL(), "redis://", "redis://waitboard:PASSWORD@", 1)
	a, b := w.join("a"), w.join("b")
	a.ShareNotices(&testNotices{})
	first := w.one(a, b)
	other := map[*replica]*replica{a: b, b: a}[first]
	first.observe(1)
	worker := w.work(a, testKey)
	w.within("it serves", worker.works)
	if err := worker.change(map[string]string{"one": "1"}, "two"); err != nil {
		t.Error(err)
	}
	a.Conditions(t.Context(), map[string]string{name: "ok"})
	w.within("the condition is known", func() bool { return b.Conditions(t.Context(), nil)[name] == "ok" })
	w.within("the other shows it", func() bool { return other.shown() == 1 })
	if err := a.SetNotice("support", domain.Notice{Text: "Hello"}, func(int64) error { return nil }); err != nil {
		t.Error(err)
	}
	cache := a.Certificates("secret", autocert.DirCache(t.TempDir()))
	if err := cache.Put(t.Context(), "example.com", []byte("key")); err != nil {
		t.Error(err)
	}
	first.Leave()
	w.within("the other took over", other.polling)
	if log := w.client.Do(context.Background(), "ACL", "LOG").String(); strings.Contains(log, "reason") {
		t.Errorf("denied: %s", log)
	}
}

// Certificates are shared, encrypted, and written back to an engine that has lost them.
func TestCertificates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, b := w.join("a"), w.join("b")
	first, second := a.Certificates("secret", autocert.DirCache(t.TempDir())), b.Certificates("secret", autocert.DirCache(t.TempDir()))
	if _, err := first.Get(ctx, "example.com"); !errors.Is(err, autocert.ErrCacheMiss) {
		t.Errorf("got %v", err)
	}
	if err := first.Put(ctx, "example.com", []byte("CANARY private key")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := second.Get(ctx, "example.com"); err != nil || string(got) != "CANARY private key" {
			t.Errorf("got %q, %v", got, err)
		}
		w.client.FlushAll(ctx)
		if _, err := first.Get(ctx, "example.com"); err != nil { // writes it back
			t.Error(err)
		}
	}
	if raw := w.client.Get(ctx, first.key("example.com")).Val(); raw == "" || strings.Contains(raw+first.key("example.com"), "CANARY") || strings.Contains(first.key("example.com"), "example") {
		t.Errorf("not encrypted: %q", raw)
	}
	if _, err := b.Certificates("other", autocert.DirCache(t.TempDir())).Get(ctx, "example.com"); !errors.Is(err, autocert.ErrCacheMiss) {
		t.Errorf("another secret opens it: %v", err)
	}
}
