package cluster_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// network is a switch with one host on each port, and one port for the test. The switch and
// every host are network namespaces. A port that goes down acts like a pulled cable: no
// connection closes.
type network struct {
	hub   *netlink.Handle
	hosts [size]netns.NsHandle
	ports [size]netlink.Link
}

// subnet returns an address and the mask of the network, in the range for benchmarks of
// networks (RFC 2544), which no machine uses. The third byte differs between concurrent tests.
func subnet(host byte) net.IPNet {
	return net.IPNet{IP: net.IPv4(198, 18, byte(os.Getpid()), host), Mask: net.CIDRMask(24, 32)}
}

// address returns the address of a host.
func (*network) address(i int) string { return subnet(byte(10 + i)).IP.String() }

// newNetwork creates a network until the test ends. It skips the test without root rights over
// the network.
func newNetwork(t *testing.T) *network {
	t.Helper()
	n := new(network)
	here, err := netns.Get()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, here.Close()) })
	hub, err := namespace(here)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("only root may create network namespaces")
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, hub.Close()) })
	n.hub = handle(t, hub)
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "switch"}}
	require.NoError(t, n.hub.LinkAdd(bridge))
	require.NoError(t, n.hub.LinkSetUp(bridge))
	for i := range size {
		n.hosts[i], err = namespace(here)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, n.hosts[i].Close()) })
		n.ports[i] = n.plug(t, bridge, fmt.Sprintf("port%d", i), n.hosts[i], subnet(byte(10+i)))
	}
	n.plug(t, bridge, "test", here, subnet(1))
	return n
}

// namespace creates a network namespace and returns to the given one.
func namespace(here netns.NsHandle) (netns.NsHandle, error) {
	runtime.LockOSThread()
	created, err := netns.New()
	if err != nil {
		runtime.UnlockOSThread()
		return created, err
	}
	if err := netns.Set(here); err != nil {
		// The thread remains locked, so it ends with the goroutine.
		return created, err
	}
	runtime.UnlockOSThread()
	return created, nil
}

func handle(t *testing.T, in netns.NsHandle) *netlink.Handle {
	t.Helper()
	h, err := netlink.NewHandleAt(in)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

// plug connects a host to the switch with a pair of virtual interfaces.
func (n *network) plug(t *testing.T, bridge netlink.Link, name string, host netns.NsHandle, address net.IPNet) netlink.Link {
	t.Helper()
	far := fmt.Sprintf("skep%d", os.Getpid())
	require.NoError(t, n.hub.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: far, PeerNamespace: netlink.NsFd(int(host))}))
	port, err := n.hub.LinkByName(name)
	require.NoError(t, err)
	require.NoError(t, n.hub.LinkSetMaster(port, bridge))
	require.NoError(t, n.hub.LinkSetUp(port))
	remote := handle(t, host)
	end, err := remote.LinkByName(far)
	require.NoError(t, err)
	require.NoError(t, remote.AddrAdd(end, &netlink.Addr{IPNet: &address}))
	require.NoError(t, remote.LinkSetUp(end))
	loopback, err := remote.LinkByName("lo")
	require.NoError(t, err)
	require.NoError(t, remote.LinkSetUp(loopback))
	return port
}

// set disconnects a host from the switch or connects it again.
func (n *network) set(t *testing.T, i int, cut bool) {
	t.Helper()
	if cut {
		require.NoError(t, n.hub.LinkSetDown(n.ports[i]))
		return
	}
	require.NoError(t, n.hub.LinkSetUp(n.ports[i]))
}

// on calls start, which starts a process, in the network namespace of a host.
func (n *network) on(t *testing.T, i int, start func()) {
	t.Helper()
	runtime.LockOSThread()
	here, err := netns.Get()
	require.NoError(t, err)
	require.NoError(t, netns.Set(n.hosts[i]))
	start()
	require.NoError(t, netns.Set(here))
	runtime.UnlockOSThread()
	require.NoError(t, here.Close())
}
