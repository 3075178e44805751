package host

import "github.com/skep-dev/skep/libs/budget"

func (h *Host) source(service, replica string) budget.Source { return h.alone }
