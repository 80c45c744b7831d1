// Package listening opens ports, and says of one that can't be opened why.
package listening

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// An AddressError says what is wrong with an address at which nothing could ever listen.
type AddressError string

func (e AddressError) Error() string { return string(e) }

// TCP listens on host:port. Port 0 is any free port. The error is one line, with the address; an [AddressError] is in it if that is to
// blame.
func TCP(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s: %w", address, reason(address, err))
	}
	return listener, nil
}

// reason is why net.Listen could not, without the address, which is mostly its fault.
func reason(address string, err error) error {
	_, port, malformed := net.SplitHostPort(address)
	if malformed != nil {
		return AddressError("it is not an address of the form host:port, such as 127.0.0.1:8080")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return AddressError("the port behind the colon must be a number up to 65535")
	}
	if failed := (*net.OpError)(nil); errors.As(err, &failed) {
		err = failed.Err // the rest repeats the address
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; is another program using that port?", err)
	}
	return err
}
