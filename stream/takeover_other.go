//go:build !linux

package stream

import (
	"context"
	"net"
	"net/http"
)

// ConnContext is for an [http.Server]. On this system a hub takes no connections over, so it adds nothing.
func ConnContext(ctx context.Context, _ net.Conn) context.Context { return ctx }

func (h *Hub) takeOver(http.ResponseWriter, *http.Request, *reader, string) bool { return false }

type loops struct{}

func (*loops) changed(*topic) {}
func (*loops) close()         {}
