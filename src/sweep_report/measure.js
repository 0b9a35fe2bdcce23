// Numbers of trials as people read them; the same as measure.rs.
const measured = (metric, value) => {
  if (metric.fraction) return `${format.count((100 * value).toFixed(2))} %`;
  if (metric.money) return format.money(value);
  return metric.whole ? format.count(Math.round(value)) : value.toFixed(4);
};
