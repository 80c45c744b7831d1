package board

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// A segment is a run of bytes that is compressed by itself, so that it can be joined with others into one gzip stream.
type segment struct {
	raw      []byte
	deflated []byte // whole blocks of RFC 1951, ending on a byte boundary
}

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // fails for unknown levels only
	return w
}}

// newSegment compresses raw; last ends the stream.
func newSegment(raw []byte, last bool) segment {
	var out bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(raw) // a bytes.Buffer takes everything
	if last {
		_ = w.Close()
	} else {
		_ = w.Flush()
	}
	return segment{raw: raw, deflated: bytes.Clone(out.Bytes())} // it is kept, the rest of the buffer is not
}

// gzipHeader is the header of RFC 1952 without name, time or system.
var gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

// gzipped joins head, a short uncompressed stamp and tail. Without a stamp, head is everything.
func gzipped(head *segment, stamp []byte, tail *segment) []byte {
	out := make([]byte, 0, len(gzipHeader)+len(head.deflated)+5+len(stamp)+len(tail.deflated)+8)
	out = append(out, gzipHeader...)
	out = append(out, head.deflated...)
	sum, size := crc32.ChecksumIEEE(head.raw), len(head.raw)
	if stamp != nil {
		length := uint16(len(stamp))
		out = append(out, 0) // a stored block that is not the last one (RFC 1951, section 3.2.4)
		out = binary.LittleEndian.AppendUint16(out, length)
		out = binary.LittleEndian.AppendUint16(out, ^length)
		out = append(out, stamp...)
		out = append(out, tail.deflated...)
		sum = crc32.Update(crc32.Update(sum, crc32.IEEETable, stamp), crc32.IEEETable, tail.raw)
		size += len(stamp) + len(tail.raw)
	}
	out = binary.LittleEndian.AppendUint32(out, sum)
	return binary.LittleEndian.AppendUint32(out, uint32(size))
}
