package app

import (
	"errors"
	"fmt"
	"time"

	"waitboard/config"
	"waitboard/internal/listening"
)

// A plan is what a configuration needs of the listeners: opened, and not in use yet. Commit it or discard it.
type plan struct {
	config        *config.Config
	public, admin *server  // those in use where their addresses stay; admin nil: turned off
	keys          *keyring // nil: those in use stay, or there are none
}

// plan opens the listeners that a configuration needs and that are not open yet. After an error everything is as before.
func (a *App) plan(c *config.Config) (p *plan, err error) {
	p = &plan{config: c}
	defer func() {
		if err != nil {
			a.discard(p)
		}
	}()
	if p.public, err = a.listen(a.public, "public", "listen", c.Listen); err != nil {
		return p, err
	}
	if p.admin, err = a.listen(a.admin, "admin", "admin", c.Admin); err != nil {
		return p, err
	}
	if err = mayListen(c, p.admin); err != nil {
		return p, err
	}
	if p.public == a.public {
		if err = maySpeak(a.config, c); err != nil || c.TLS.Equal(a.config.TLS) {
			return p, err
		}
	}
	p.keys, err = newKeyring(c, a.feed.cluster, a.log)
	return p, err
}

// discard closes what a plan opened.
func (a *App) discard(p *plan) {
	if p.public != nil && p.public != a.public {
		_ = p.public.listener.Close()
	}
	if p.admin != nil && p.admin != a.admin {
		_ = p.admin.listener.Close()
	}
}

// commit puts a plan into effect: listeners, keys and handlers.
func (a *App) commit(p *plan) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.keys != nil {
		p.keys.warn(a.log, time.Now())
		p.public.encrypt(p.keys)
		if a.running {
			go p.keys.fetch()
		}
	} else if p.config.H2C && p.public != a.public {
		p.public.speakH2C()
	}
	a.embeds.SetWidgets(tracked(p.config))
	p.public.handle(a.publicHandler(p.config, p.public))
	if p.admin != nil {
		p.admin.handle(a.adminHandler(p.config, p.admin))
	}
	if a.public != nil && a.public != p.public {
		a.events.EndAll() // clients reconnect to the new address
	}
	a.changes.End() // the guard checks them again
	a.swap(a.public, p.public)
	a.swap(a.admin, p.admin)
	a.config, a.public, a.admin = p.config, p.public, p.admin
}

// swap stops a server, which finishes its requests, and starts the one in its place. Either can be nil, and they can be the same.
func (a *App) swap(before, after *server) {
	if before == after {
		return
	}
	if before != nil {
		a.serving.Go(func() { before.stop(drainTime) })
	}
	if after != nil && a.running {
		a.serve(after)
	}
}

// listen returns the server for an address: the current one if it has that address, otherwise a new one; nil for no address.
func (a *App) listen(current *server, name, key, address string) (*server, error) {
	switch {
	case address == "":
		return nil, nil //nolint:nilnil // turned off is no error
	case current != nil && current.address == address:
		return current, nil
	}
	s, err := listen(name, key, address, a.tcp, a.faults, a.idle)
	switch {
	case err == nil:
		if name == "admin" {
			s.http.WriteTimeout = 2 * time.Minute // a profile takes as long as requested
		}
	case a.public.hasPort(address) || a.admin.hasPort(address):
		return nil, restartError(fmt.Sprintf("%s: %s can't be used while waitboard itself listens on that port", key, address))
	case !errors.As(err, new(listening.AddressError)):
		return nil, portError{err}
	}
	return s, err
}
