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

// capaShape is the cluster that Cluster API Provider AWS (CAPA) was measured with: three
// zones, a NAT gateway in each, one control plane machine and one worker. Skep creates more
// for it: an ingress with its load balancer, a DNS zone and roles.
const capaShape = `{"spec": {
	"account": "organizations/demo/accounts/main", "region": "eu-central-1", "kubernetesVersion": "1.35",
	"network": {"managed": {"cidr": "10.0.0.0/16", "zones": 3, "egress": "NAT_PER_ZONE"}},
	"controlPlane": {"selfManaged": {"replicas": 1, "instanceType": "m6i.large"}},
	"nodePools": {"workers": {"instanceTypes": ["m6i.large"], "minSize": 1, "maxSize": 1}},
	"ingress": {"loadBalancer": "NETWORK", "domain": "demo.example.test"}}}`

// The environment variables of a comparison.
const (
	// idleFor is the measured time of a settled cluster, as a duration.
	idleFor = "IDLE"
	// capaJSON is the file to write the figures to; empty writes none.
	capaJSON = "CAPA_JSON"
)

// shortIdle is the default of IDLE.
const shortIdle = 20 * time.Second

// The resync intervals of Skep and CAPA, and the inventory audits of Skep in one resync
// interval: four by each of three services.
const (
	skepResync      = 48 * time.Hour
	auditsPerResync = 4 * 3
	capaResync      = 10 * time.Minute
)

// notCAPA are the AWS services that CAPA does not call for this cluster: the roles of its
// machines are created by hand, and its API has no DNS name.
var notCAPA = []string{"iam", "route53", "sts"}

// figure is one row with the values of Skep and CAPA; Reach is the target, and zero means none.
type figure struct {
	Name  string  `json:"name"`
	Skep  float64 `json:"skep"`
	CAPA  float64 `json:"capa"`
	Reach float64 `json:"reach,omitempty"`
	Of    string  `json:"of,omitempty"`
}

// phase is the calls to moto and the duration of a part of the life of a cluster.
type phase struct {
	calls moto.Calls
	took  time.Duration
}

// during measures the phase in which do runs.
func (o *motoSuite) during(do func()) phase {
	before, began := len(o.proxy.Calls()), time.Now()
	do()
	return phase{calls: o.proxy.Calls()[before:], took: time.Since(began)}
}

// life is the create and the delete of one cluster.
type life struct{ created, deleted phase }

// live creates a cluster, runs meanwhile when it is ready, and deletes it.
func (o *motoSuite) live(t *testing.T, id string, meanwhile func()) life {
	t.Helper()
	var l life
	l.created = o.during(func() {
		o.create(t, id, capaShape)
		o.untilReady(t, id, 1)
	})
	meanwhile()
	l.deleted = o.during(func() {
		o.delete(t, id)
		o.untilDeleted(t, id)
	})
	return l
}

func TestCallsOfAClusterComparedWithClusterAPI(t *testing.T) {
	idle := shortIdle
	if text := os.Getenv(idleFor); text != "" {
		var err error
		idle, err = time.ParseDuration(text)
		require.NoError(t, err, idleFor)
	}
	o := startOnMoto(withTimeout(t, 4*time.Minute+2*idle), t)
	var atRest, resync phase
	near := o.live(t, "near", func() {
		atRest = o.during(func() { time.Sleep(idle) })
		// A plan observes every resource once, as a resync does.
		resync = o.during(func() { o.plan(t, "near", capaShape) })
	})
	o.proxy.Delay(100 * time.Millisecond)
	far := o.live(t, "far", func() {})
	o.isEmpty(t)

	// An hour is too long to wait: the calls at rest are scaled to an hour, and the calls of
	// one resync are divided by the hours of a resync interval.
	hourly := func(interval time.Duration, audits int) float64 {
		idleCalls := float64(len(atRest.calls)) * float64(time.Hour) / float64(atRest.took)
		return idleCalls + float64(len(resync.calls)+audits)*float64(time.Hour)/float64(interval)
	}
	common := func(calls moto.Calls) float64 { return float64(len(calls) - len(calls.To(notCAPA...))) }
	report(t, []figure{
		{"calls until both machines run", float64(len(near.created.calls)), 290, 90, near.created.calls.String()},
		{"  writes among them", float64(near.created.calls.Writes()), 67, 0, ""},
		{"  without roles and DNS, which CAPA does not create", common(near.created.calls), 290, 90, ""},
		{"  seconds", near.created.took.Seconds(), 0, 0, ""},
		{"calls in an hour at rest", hourly(skepResync, auditsPerResync), 318, 2, atRest.calls.String()},
		{"  writes among them", float64(atRest.calls.Writes() + resync.calls.Writes()), 12, 0, ""},
		{"  with the resync interval of CAPA", hourly(capaResync, 0), 318, 0, resync.calls.String()},
		{"calls of a delete", float64(len(near.deleted.calls)), 99, 50, near.deleted.calls.String()},
		{"  without roles and DNS, which CAPA does not create", common(near.deleted.calls), 99, 50, ""},
		{"  seconds", near.deleted.took.Seconds(), 20.9, 2, ""},
		{"calls until both machines run, with 100 ms more latency", float64(len(far.created.calls)), 242, 90, far.created.calls.String()},
		{"  seconds", far.created.took.Seconds(), 0, 0, ""},
		{"calls of a delete, with 100 ms more latency", float64(len(far.deleted.calls)), 105, 50, far.deleted.calls.String()},
		{"  without roles and DNS", common(far.deleted.calls), 105, 50, ""},
		{"  seconds", far.deleted.took.Seconds(), 38.1, 0, ""},
	})
	deleted := near.deleted.calls.Written()
	require.Less(t, slices.Index(deleted, "DeleteNetworkInterface"), slices.Index(deleted, "DeleteSubnet"), "a subnet was deleted before its network interfaces")
	require.Empty(t, atRest.calls, "a settled cluster caused calls")
	require.Zero(t, resync.calls.Writes(), "a plan made a mutating call: %s", resync.calls)
}

// report logs the figures as a table and writes them to the file of CAPA_JSON.
func report(t *testing.T, figures []figure) {
	t.Helper()
	rows := table.NewWriter()
	rows.AppendHeader(table.Row{"over moto, 3 zones, 1 control plane, 1 worker", "Skep", "CAPA", "target"})
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

// short formats a figure with at most one decimal.
func short(f float64) string {
	if f >= 10 || f == math.Trunc(f) {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}
