package command

import (
	"github.com/spf13/pflag"

	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// listing holds the flags of a list command.
type listing struct {
	filter string
	size   int32
	all    bool
}

func (l *listing) bind(flags *pflag.FlagSet) {
	flags.StringVar(&l.filter, "filter", "", "show only matching objects, such as 'status.state = \"READY\" AND labels.tier = \"gold\"' (AIP-160)")
	flags.Int32Var(&l.size, "page-size", 0, "number of objects per request; all pages are shown")
	flags.BoolVarP(&l.all, "all-organizations", "A", false, "list all organizations")
}

func (l *listing) of(s *settings) objecttype.Page {
	page := objecttype.Page{Organization: s.organization, Filter: l.filter, Size: l.size}
	if l.all {
		page.Organization = "-"
	}
	return page
}

func names(found []objecttype.Object) []string {
	all := make([]string, len(found))
	for i, r := range found {
		all[i] = r.Name()
	}
	return all
}
