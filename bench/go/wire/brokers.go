package wire

import (
	"net"
	"slices"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Share is what one of several connections is for: a broker, and the things (partitions, groups) that are to be asked of it.
type Share struct {
	Addr string
	// What this broker serves, shared with its other connections.
	Items []int
	// It is the place-th of so many connections to this broker.
	place, of int
}

// Turn is the thing that the n-th request of this connection is about: all of the broker's, one after the other.
func (s Share) Turn(n int) int { return s.Items[(n*s.of+s.place)%len(s.Items)] }

// Own are those of the broker's things that no other connection to it has.
func (s Share) Own() (own []int) {
	for i := s.place; i < len(s.Items); i += s.of {
		own = append(own, s.Items[i])
	}
	return own
}

// Deal shares n connections out among the brokers that serve things: addresses has one for each.
func Deal(addresses []string, n int) []Share {
	items := map[string][]int{}
	for i, addr := range addresses {
		items[addr] = append(items[addr], i)
	}
	brokers := Distinct(addresses)
	if n < len(brokers) {
		Fail("%d connections do not reach %d brokers", n, len(brokers))
	}
	shares := make([]Share, n)
	for i := range shares {
		addr := brokers[i%len(brokers)]
		of := (n - i%len(brokers) + len(brokers) - 1) / len(brokers)
		shares[i] = Share{addr, items[addr], i / len(brokers), of}
	}
	return shares
}

// Distinct leaves out what comes again.
func Distinct(addresses []string) (found []string) {
	for _, addr := range addresses {
		if !slices.Contains(found, addr) {
			found = append(found, addr)
		}
	}
	return found
}

// Each runs f once for each share, on a connection of its own, at the same time, and ends the program on an error.
func Each(shares []Share, f func(i int, c *Conn) error) {
	conns := make([]*Conn, len(shares))
	for i, share := range shares {
		c, err := Dial(share.Addr)
		Must(err)
		conns[i] = c
	}
	var group sync.WaitGroup
	for i, c := range conns {
		group.Add(1)
		go func() {
			defer group.Done()
			defer c.Close()
			Must(f(i, c))
		}()
	}
	group.Wait()
}

// Leaders are the addresses of the leaders of a topic's partitions, as the broker at addr knows them; empty where there is none.
func Leaders(addr, topic string, partitions int) []string {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(9)
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &topic
	req.Topics = append(req.Topics, t)
	resp := MustCall(addr, req).(*kmsg.MetadataResponse)
	brokers := map[int32]string{}
	for _, b := range resp.Brokers {
		brokers[b.NodeID] = address(b.Host, b.Port)
	}
	found := make([]string, partitions)
	for _, p := range resp.Topics[0].Partitions {
		if p.ErrorCode == 0 && int(p.Partition) < partitions {
			found[p.Partition] = brokers[p.Leader]
		}
	}
	return found
}

func address(host string, port int32) string {
	addr := net.JoinHostPort(host, strconv.Itoa(int(port)))
	CheckLoopback(addr)
	return addr
}

// serve tells whether the leaders serve the partitions of a new topic already: metadata may say so a little earlier.
func serve(addresses []string, topic string) bool {
	for _, share := range Deal(addresses, len(Distinct(addresses))) {
		req := kmsg.NewPtrListOffsetsRequest()
		req.SetVersion(4)
		req.ReplicaID = -1
		t := kmsg.NewListOffsetsRequestTopic()
		t.Topic = topic
		for _, i := range share.Items {
			p := kmsg.NewListOffsetsRequestTopicPartition()
			p.Partition, p.Timestamp, p.CurrentLeaderEpoch = int32(i), -1, -1
			t.Partitions = append(t.Partitions, p)
		}
		req.Topics = append(req.Topics, t)
		for _, p := range MustCall(share.Addr, req).(*kmsg.ListOffsetsResponse).Topics[0].Partitions {
			if p.ErrorCode != 0 || p.Offset != 0 {
				return false
			}
		}
	}
	return true
}

// Coordinators are the addresses of the coordinators of groups, as the broker at addr knows them; empty where there is none.
func Coordinators(addr string, groups []string) []string {
	found := make([]string, 0, len(groups))
	for some := range slices.Chunk(groups, 1000) {
		req := kmsg.NewPtrFindCoordinatorRequest()
		req.SetVersion(4)
		req.CoordinatorKeys = some
		of := map[string]string{}
		for _, c := range MustCall(addr, req).(*kmsg.FindCoordinatorResponse).Coordinators {
			if c.ErrorCode == 0 {
				of[c.Key] = address(c.Host, c.Port)
			}
		}
		for _, group := range some {
			found = append(found, of[group])
		}
	}
	return found
}
