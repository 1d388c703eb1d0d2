package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// stormResult is what became of one line's calls. Late ones may fail: their answers come after their time.
type stormResult struct {
	Ok            int   `json:"ok"`
	Failed        int   `json:"failed"`
	Late          int   `json:"late"`
	LongestMillis int64 `json:"longest_ms"`
	// FailedNames are the bodies of the calls that failed.
	FailedNames []string `json:"failed_names"`
}

func storm(template *load) {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var callers, calls, late, pauseMillis int
		if _, err := fmt.Sscan(lines.Text(), &callers, &calls, &late, &pauseMillis); err != nil {
			fail(err)
		}
		pause := time.Duration(pauseMillis) * time.Millisecond
		fail(json.NewEncoder(os.Stdout).Encode(stormCalls(template, callers, calls, late, pause)))
	}
}

func stormCalls(template *load, callers, calls, late int, pause time.Duration) stormResult {
	var mu sync.Mutex
	var all sync.WaitGroup
	result := stormResult{FailedNames: []string{}}
	for caller := range callers {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := 1; n <= calls; n++ {
				isLate := late > 0 && n%late == 0
				name := fmt.Sprintf("c%d_%d", caller, n)
				if isLate {
					name = "late" + name
				}
				one := load{client: template.client, method: template.method, topics: template.topics, timeout: template.timeout}
				begin := time.Now()
				one.once(name)
				took := time.Since(begin).Milliseconds()
				mu.Lock()
				result.LongestMillis = max(result.LongestMillis, took)
				switch {
				case isLate:
					result.Late++
				case one.failed > 0:
					result.Failed++
					result.FailedNames = append(result.FailedNames, name)
				default:
					result.Ok++
				}
				mu.Unlock()
				time.Sleep(pause)
			}
		}()
	}
	all.Wait()
	return result
}
