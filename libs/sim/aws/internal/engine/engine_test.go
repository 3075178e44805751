package engine_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// crate is a resource of a service that AWS does not have.
type crate struct{ Yard, Label string }

func (c crate) Owner() string                              { return c.Yard }
func (c crate) Summary(name func(id string) string) string { return "in " + name(c.Yard) }

var (
	crates = engine.NewType[crate](engine.Type{Service: "Yard", Name: "Crate", Noun: "crate ID", Prefix: "cr", NotFound: "NoSuchCrate"})
	yard   = engine.Scope{Account: "111122223333", Region: "eu-central-1"}
)

const dropped engine.Event = "crate dropped"

// relabel changes the label of a crate after a minute.
func relabel(c *engine.Call, r *engine.Resource[crate]) {
	c.Schedule(r.CreatedAt.Add(time.Minute), func(c *engine.Call) {
		r, _ := crates.Find(c, r.ID)
		r.Data.Label = "late"
		crates.Put(c, r)
	})
}

func newEngine(t *testing.T, options engine.Options) *engine.Engine {
	t.Helper()
	s := &engine.Service{ID: "Yard", Quotas: map[string]int{"CratesPerYard": 1}}
	s.AddTypes(crates)
	s.On(dropped, func(c *engine.Call, id string) {
		r, _ := crates.Find(c, id)
		crates.Delete(c, r)
	})
	engine.OnRestart(s, crates, relabel)
	e, err := engine.New(engine.NewCatalog(s), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func create(t *testing.T, e *engine.Engine, owner string) (id string) {
	t.Helper()
	require.NoError(t, e.Do("root", yard, func(c *engine.Call) error {
		r := crates.Create(c, "", crate{Yard: owner}, map[string]string{"Name": "tea"})
		relabel(c, r)
		id = r.ID
		return nil
	}))
	return id
}

func TestResourcesAreFoundByIDAndOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, engine.Options{})
		id := create(t, e, "north")
		require.Equal(t, "111122223333 eu-central-1 Crate tea: in (gone)\n", e.String())
		e.Read(yard, func(c *engine.Call) {
			require.Len(t, crates.OwnedBy(c, "north"), 1)
			require.Empty(t, crates.OwnedBy(c, "south"))
			_, err := crates.Get(c, &id)
			require.NoError(t, err)
			missing := "cr-00000000000000000"
			_, err = crates.Get(c, &missing)
			require.Equal(t, "NoSuchCrate", engine.Code(err))
			require.Equal(t, "TooMany", engine.Code(c.CheckQuota("CratesPerYard", 1, "TooMany", "full")))
			require.Panics(t, func() { _ = c.CheckQuota("CratesPerShip", 1, "TooMany", "full") })
		})
		e.Read(engine.Scope{Account: yard.Account, Region: "us-east-1"}, func(c *engine.Call) { require.Empty(t, crates.List(c)) })
	})
}

func TestAScheduledEffectSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	synctest.Test(t, func(t *testing.T) {
		id := create(t, newEngine(t, engine.Options{Journal: path}), "north")
		e := newEngine(t, engine.Options{Journal: path})
		label := func() (label string) {
			e.Read(yard, func(c *engine.Call) {
				r, ok := crates.Find(c, id)
				require.True(t, ok)
				label = r.Data.Label
			})
			return label
		}
		time.Sleep(59 * time.Second)
		require.Empty(t, label())
		time.Sleep(time.Second)
		require.Equal(t, "late", label())
	})
}

func TestAnEventReachesTheServicesThatReact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, engine.Options{})
		id := create(t, e, "north")
		require.NoError(t, e.Do("root", yard, func(c *engine.Call) error {
			c.Emit(dropped, id)
			return nil
		}))
		require.True(t, e.Empty(yard.Account))
		ledger := e.Ledger()
		require.Len(t, ledger, 1)
		require.False(t, ledger[0].DeletedAt.IsZero())
	})
}

func TestAJournalOfAnUnknownTypeIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.WriteFile(path, []byte(`[{"Type":"Barrel","Account":"1","Region":"r","Put":{}}]`+"\n"), 0o600))
	_, err := engine.New(engine.NewCatalog(), engine.Options{Journal: path})
	require.ErrorContains(t, err, "resource type Barrel is unknown")
}

func TestACatalogListsServicesAndTypesOnce(t *testing.T) {
	t.Parallel()
	twice := &engine.Service{ID: "Ship"}
	twice.AddTypes(crates, crates)
	require.Panics(t, func() { engine.NewCatalog(twice) })
	require.Panics(t, func() { engine.NewCatalog(&engine.Service{ID: "Ship"}, &engine.Service{ID: "Ship"}) })
}
