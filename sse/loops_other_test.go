//go:build !linux

package sse

func (*loops) settle() {}
