package browser

import "testing"

// An iframe of ours gets the height of what is in it, on a page of another site that has the script.
func TestFrameGetsItsHeight(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 800)
	b.open(s.page("/frame", `<iframe src="{api}/embed/support" title="Customer support" width="400" height="20"></iframe>`+script))
	b.wait(`+document.querySelector('iframe').height > 100`)
}
