//go:build !linux

package stream

func (*loops) settle() {}
