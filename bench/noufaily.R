# Farrington Flexible and EARS of the R package surveillance over series in a CSV (one series a row), for noufaily.py.
# Usage: Rscript noufaily.R counts.csv out.csv FIRST LAST  (weeks judged, counted from 1)
suppressMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(arguments[1], header = FALSE))
range <- as.integer(arguments[3]):as.integer(arguments[4])
began <- proc.time()[["elapsed"]]
rows <- list()
spent <- c(farrington = 0, ears = 0)
for (i in seq_len(nrow(counts))) {
  series <- sts(observed = counts[i, ], start = c(2000, 1), frequency = 52)
  for (method in c("nbPlugin", "muan")) {
    t0 <- proc.time()[["elapsed"]]
    found <- suppressWarnings(farringtonFlexible(series, control = list(
      range = range, b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, reweight = TRUE,
      weightsThreshold = 2.58, pThresholdTrend = 1, thresholdMethod = method, alpha = 0.01, populationOffset = FALSE)))
    if (method == "muan") spent["farrington"] <- spent["farrington"] + proc.time()[["elapsed"]] - t0
    excess <- (found@observed[, 1] - found@control$expected[, 1]) / pmax(found@upperbound[, 1] - found@control$expected[, 1], 1e-9)
    rows[[length(rows) + 1]] <- data.frame(series = i - 1, week = range - 1, method = method,
      score = excess, alarm = as.integer(found@alarm[, 1]))
  }
  t0 <- proc.time()[["elapsed"]]
  ears <- suppressWarnings(earsC(series, control = list(range = range, method = "C2", baseline = 7, alpha = 0.01)))
  spent["ears"] <- spent["ears"] + proc.time()[["elapsed"]] - t0
  rows[[length(rows) + 1]] <- data.frame(series = i - 1, week = range - 1, method = "EARS C2",
    score = ears@observed[, 1] / pmax(ears@upperbound[, 1], 1e-9), alarm = as.integer(ears@alarm[, 1]))
}
write.csv(do.call(rbind, rows), arguments[2], row.names = FALSE)
cat(sprintf("%.2f %.2f\n", spent["farrington"], spent["ears"]))
