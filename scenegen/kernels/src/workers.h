// Threads that share a piece of work.
#pragma once
#include <thread>
#include <vector>

namespace scenegen {

// Calls work(0) .. work(threads - 1) at the same time, and returns when all have.
inline void run_threads(int threads, const auto& work) {
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work, i);
  work(0);
  for (auto& thread : pool) thread.join();
}

}  // namespace scenegen
