#ifndef CHECK_BMI270_H
#define CHECK_BMI270_H

class BoschSensorClass {
 public:
  int begin();
  int accelerationAvailable();
  int gyroscopeAvailable();
  int readAcceleration(float &x, float &y, float &z);
  int readGyroscope(float &x, float &y, float &z);
};
extern BoschSensorClass IMU;

#endif
