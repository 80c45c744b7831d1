// Package listening opens ports, and explains why a port can't be opened.
package listening

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// An AddressError means that an address is invalid.
type AddressError string

func (e AddressError) Error() string { return string(e) }

// TCP listens on host:port. Port 0 is any free port. The error is one line with the address, and wraps an [AddressError] if the address is
// invalid.
func TCP(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s: %w", address, reason(address, err))
	}
	return listener, nil
}

// reason returns why net.Listen failed, without the address.
func reason(address string, err error) error {
	_, port, malformed := net.SplitHostPort(address)
	if malformed != nil {
		return AddressError("it is not an address of the form host:port, such as 127.0.0.1:8080")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return AddressError("the port after the colon must be a number up to 65535")
	}
	if failed := (*net.OpError)(nil); errors.As(err, &failed) {
		err = failed.Err // the rest repeats the address
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; is another program using that port?", err)
	}
	return err
}
