package bench

// Row is a set of figures that one run of one test gives.
type Row struct {
	// Name chooses the row: `make bench ROW=create`.
	Name string
	// Test is the test that measures it.
	Test string
	// Clusters is how many clusters it is measured with, if that is asked.
	Clusters int
	// What says what the row is about.
	What string
}

// Rows are all rows, in the order of the table.
var Rows = []Row{
	{Name: "create", Test: "TestCreate", What: "one cluster, from the request to READY, in virtual time"},
	{Name: "fleet-100", Test: "TestFleet", Clusters: 100, What: "100 clusters at once in one account and region, then at rest, in virtual time"},
	{Name: "fleet-1000", Test: "TestFleet", Clusters: 1000, What: "1,000 clusters at once in one account and region, then at rest, in virtual time"},
	{Name: "idle-1000", Test: "TestIdle", Clusters: 1000, What: "memory and CPU of the whole suite with 1,000 clusters at rest"},
	{Name: "idle-10000", Test: "TestIdle", Clusters: 10000, What: "memory and CPU of the whole suite with 10,000 clusters at rest"},
	{Name: "start", Test: "TestStart", Clusters: 10000, What: "the whole suite started on the records of 10,000 clusters"},
	{Name: "rpc", Test: "TestRPC", What: "an authenticated, validated, logged call ÷ a bare gRPC echo, over TCP"},
	{Name: "rest", Test: "TestREST", What: "a REST call ÷ a plain net/http JSON echo, over TCP"},
	{Name: "write", Test: "TestWrite", What: "a durable write ÷ one compare-and-swap of a key-value bucket"},
	{Name: "watch", Test: "TestWatch", What: "one change told to 1,000 watchers"},
}
