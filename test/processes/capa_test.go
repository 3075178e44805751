package processes_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/moto"
)

// capaShape is the shape that Cluster API Provider AWS was measured with: three
// zones, a NAT gateway in each, one control plane machine and one worker. Skep
// makes more of it: an ingress with its load balancer, a DNS zone, its own roles.
const capaShape = `{"spec": {
	"account": "organizations/demo/accounts/main", "region": "eu-central-1", "kubernetesVersion": "1.35",
	"network": {"managed": {"cidr": "10.0.0.0/16", "zones": 3, "egress": "NAT_PER_ZONE"}},
	"controlPlane": {"selfManaged": {"replicas": 1, "instanceType": "m6i.large"}},
	"nodePools": {"workers": {"instanceTypes": ["m6i.large"], "minSize": 1, "maxSize": 1}},
	"ingress": {"loadBalancer": "NETWORK", "domain": "demo.example.test"}}}`

// The environment of a comparison.
const (
	// idleFor is for how long a settled cluster is watched.
	idleFor = "IDLE"
	// capaJSON is the file that the figures are written to.
	capaJSON = "CAPA_JSON"
)

// shortIdle is for how long a settled cluster is watched in a run that is not told otherwise.
const shortIdle = 20 * time.Second

// How often everything is looked at that a cluster is made of: by Skep, of which
// three services also call the roll of the account four times between, and by CAPA.
const (
	usualSurvey = 48 * time.Hour
	usualRolls  = 4 * 3
	capaSurvey  = 10 * time.Minute
)

// notCAPA are the services of AWS that CAPA called for nothing in this shape: the
// roles of its machines are made by hand, and its API has no name of its own.
var notCAPA = []string{"iam", "route53", "sts"}

// figure is one row: what Skep needs, what CAPA needed, and what to reach.
type figure struct {
	Name  string  `json:"name"`
	Skep  float64 `json:"skep"`
	CAPA  float64 `json:"capa"`
	Reach float64 `json:"reach,omitempty"`
	Of    string  `json:"of,omitempty"`
}

// stretch is a part of the life of a cluster as moto saw it.
type stretch struct {
	calls moto.Calls
	took  time.Duration
}

// during measures what happens while something is done.
func (o *overMoto) during(do func()) stretch {
	before, began := len(o.door.Calls()), time.Now()
	do()
	return stretch{calls: o.door.Calls()[before:], took: time.Since(began)}
}

// life is the life of one cluster of the shape.
type life struct{ created, deleted stretch }

func (o *overMoto) live(t *testing.T, id string, meanwhile func()) life {
	t.Helper()
	var l life
	l.created = o.during(func() {
		o.create(t, id, capaShape)
		o.ready(t, id, 1)
	})
	meanwhile()
	l.deleted = o.during(func() {
		o.remove(t, id)
		o.gone(t, id)
	})
	return l
}

func TestCallsOfAClusterBesideThoseOfClusterAPI(t *testing.T) {
	idle := shortIdle
	if text := os.Getenv(idleFor); text != "" {
		var err error
		idle, err = time.ParseDuration(text)
		require.NoError(t, err, idleFor)
	}
	o := onboarded(patient(t, 4*time.Minute+2*idle), t)
	var left, look stretch
	near := o.live(t, "near", func() {
		left = o.during(func() { time.Sleep(idle) })
		// A plan looks at everything once, as a survey does.
		look = o.during(func() { o.plan(t, "near", capaShape) })
	})
	o.door.Late(100 * time.Millisecond)
	far := o.live(t, "far", func() {})
	o.isAsBefore(t)

	// Hours are too long to wait for: what is left alone is scaled by time, and what
	// comes every few hours is measured once and scaled by how often it comes.
	hourly := func(survey time.Duration, rolls int) float64 {
		atRest := float64(len(left.calls)) * float64(time.Hour) / float64(left.took)
		return atRest + float64(len(look.calls)+rolls)*float64(time.Hour)/float64(survey)
	}
	aside := func(calls moto.Calls) float64 { return float64(len(calls) - len(calls.To(notCAPA...))) }
	report(t, []figure{
		{"calls until both machines run", float64(len(near.created.calls)), 290, 90, near.created.calls.String()},
		{"  of them writes", float64(near.created.calls.Writes()), 67, 0, ""},
		{"  roles and DNS aside, which CAPA does not make", aside(near.created.calls), 290, 90, ""},
		{"  seconds", near.created.took.Seconds(), 0, 0, ""},
		{"calls in an hour at rest", hourly(usualSurvey, usualRolls), 318, 2, left.calls.String()},
		{"  of them writes", float64(left.calls.Writes() + look.calls.Writes()), 12, 0, ""},
		{"  if it looked at everything as often as CAPA", hourly(capaSurvey, 0), 318, 0, look.calls.String()},
		{"calls of a delete", float64(len(near.deleted.calls)), 99, 50, near.deleted.calls.String()},
		{"  roles and DNS aside, which CAPA does not make", aside(near.deleted.calls), 99, 50, ""},
		{"  seconds", near.deleted.took.Seconds(), 20.9, 2, ""},
		{"calls until both machines run, each 100 ms later", float64(len(far.created.calls)), 242, 90, far.created.calls.String()},
		{"  seconds", far.created.took.Seconds(), 0, 0, ""},
		{"calls of a delete, each 100 ms later", float64(len(far.deleted.calls)), 105, 50, far.deleted.calls.String()},
		{"  roles and DNS aside", aside(far.deleted.calls), 105, 50, ""},
		{"  seconds", far.deleted.took.Seconds(), 38.1, 0, ""},
	})
	gone := near.deleted.calls.Written()
	require.Less(t, slices.Index(gone, "DeleteNetworkInterface"), slices.Index(gone, "DeleteSubnet"), "a network goes after what stands in it")
	require.Empty(t, left.calls, "a settled cluster is left alone")
	require.Zero(t, look.calls.Writes(), "to look changes nothing: %s", look.calls)
}

// report prints the figures beside one another, and writes them where asked to.
func report(t *testing.T, figures []figure) {
	t.Helper()
	rows := table.NewWriter()
	rows.AppendHeader(table.Row{"over moto, 3 zones, 1 control plane, 1 worker", "Skep", "CAPA", "reach"})
	for _, f := range figures {
		row := table.Row{f.Name, short(f.Skep), "", ""}
		if f.CAPA > 0 {
			row[2] = short(f.CAPA)
		}
		if f.Reach > 0 {
			row[3] = "≤ " + short(f.Reach)
		}
		rows.AppendRow(row)
	}
	t.Logf("\n%s", rows.Render())
	for _, f := range figures {
		if f.Of != "" {
			t.Logf("%s: %s", f.Name, f.Of)
		}
	}
	if file := os.Getenv(capaJSON); file != "" {
		text, err := json.MarshalIndent(figures, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o600))
	}
}

// short is a figure without decimals that say nothing.
func short(f float64) string {
	if f >= 10 || f == math.Trunc(f) {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}
