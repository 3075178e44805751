package bench

// Row is the set of figures of one run of one test.
type Row struct {
	// Name selects the row: `make bench ROW=create`.
	Name string
	// Test is the name of the test function that measures the row.
	Test string
	// Clusters is the number of clusters; zero uses the default of the test.
	Clusters int
	// Description says what the row measures.
	Description string
}

// Rows are all rows in the order of the table.
var Rows = []Row{
	{Name: "create", Test: "TestCreate", Description: "one cluster, from the request to READY, in virtual time"},
	{Name: "fleet-100", Test: "TestFleet", Clusters: 100, Description: "100 concurrent creates in one account and region, then at rest, in virtual time"},
	{Name: "fleet-1000", Test: "TestFleet", Clusters: 1000, Description: "1,000 concurrent creates in one account and region, then at rest, in virtual time"},
	{Name: "idle-1000", Test: "TestIdle", Clusters: 1000, Description: "memory and CPU of the whole suite with 1,000 clusters at rest"},
	{Name: "idle-10000", Test: "TestIdle", Clusters: 10000, Description: "memory and CPU of the whole suite with 10,000 clusters at rest"},
	{Name: "start", Test: "TestStart", Clusters: 10000, Description: "the whole suite started on the records of 10,000 clusters"},
	{Name: "rpc", Test: "TestRPC", Description: "an authenticated, validated, logged call ÷ a bare gRPC echo, over TCP"},
	{Name: "rest", Test: "TestREST", Description: "a REST call ÷ a plain net/http JSON echo, over TCP"},
	{Name: "write", Test: "TestWrite", Description: "a durable write ÷ one compare-and-swap of a key-value bucket"},
	{Name: "watch", Test: "TestWatch", Description: "one change sent to 1,000 watchers"},
}
